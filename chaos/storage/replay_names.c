/* Names in the replay: sorted entries, atomic changes, what a sync pins. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "chaos/storage/replay_state.h"

static bool entries_locate(const entries *names, const char *name, size_t *at)
{
    size_t low = 0;
    size_t high = names->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(names->all[middle].name, name);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return false;
}

node *entries_find(const entries *names, const char *name)
{
    size_t at;
    return entries_locate(names, name, &at) ? names->all[at].of : NULL;
}

void entries_set(entries *names, const char *name, node *of)
{
    size_t at;
    bool known = entries_locate(names, name, &at);
    if (known && of != NULL) {
        names->all[at].of = of;
    } else if (known) {
        free(names->all[at].name);
        names->count--;
        memmove(names->all + at, names->all + at + 1, (names->count - at) * sizeof(entry));
    } else if (of != NULL) {
        if (names->count == names->capacity) {
            names->capacity = names->capacity == 0 ? 8 : names->capacity * 2;
            names->all = memory_resize(names->all, names->capacity * sizeof(entry));
        }
        memmove(names->all + at + 1, names->all + at, (names->count - at) * sizeof(entry));
        names->all[at] = (entry){.name = memory_text(name), .of = of};
        names->count++;
    }
}

void entries_release(entries *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->all[i].name);
    free(names->all);
    *names = (entries){0};
}

static void naming_free(naming *one)
{
    for (size_t i = 0; i < one->count; i++)
        free(one->edits[i].name);
}

void namings_add(namings *pending, const naming *one)
{
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity == 0 ? 16 : pending->capacity * 2;
        pending->all = memory_resize(pending->all, pending->capacity * sizeof(naming));
    }
    naming *copy = &pending->all[pending->count++];
    *copy = *one;
    for (size_t i = 0; i < one->count; i++)
        copy->edits[i].name = memory_text(one->edits[i].name);
}

void naming_apply(const naming *one, view v)
{
    for (size_t i = 0; i < one->count; i++)
        if (one->edits[i].directory != NULL)
            entries_set(&one->edits[i].directory->names[v], one->edits[i].name, one->edits[i].of);
}

/* What was pending for the same name before something durable can no longer come back. */
static void supersede(naming *earlier, const naming *by)
{
    for (size_t i = 0; i < earlier->count; i++)
        for (size_t j = 0; j < by->count; j++)
            if (earlier->edits[i].directory == by->edits[j].directory &&
                strcmp(earlier->edits[i].name, by->edits[j].name) == 0)
                earlier->edits[i].directory = NULL;
}

void namings_pin(replay *r, view v, naming_picker *pinned, const void *with)
{
    namings *pending = &r->pending[v];
    size_t kept = 0;
    for (size_t i = 0; i < pending->count; i++) {
        naming one = pending->all[i];
        if (!pinned(&one, with)) {
            pending->all[kept++] = one;
            continue;
        }
        naming_apply(&one, v);
        for (size_t j = 0; j < kept; j++)
            supersede(&pending->all[j], &one);
        naming_free(&one);
    }
    pending->count = kept;
}

void namings_release(namings *pending)
{
    for (size_t i = 0; i < pending->count; i++)
        naming_free(&pending->all[i]);
    free(pending->all);
    *pending = (namings){0};
}
