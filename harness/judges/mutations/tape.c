#include "judges/mutations/tape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "history/writer.h"

#define INSERTED_MOST 4

tape *tape_open(const char *run_directory, uint64_t seed, error *e)
{
    char path[512];
    if (!files_join(path, sizeof path, run_directory, "history.bin", e))
        return NULL;
    history *h = history_open(path, e);
    if (h == NULL)
        return NULL;
    tape *t = memory_zeroed(1, sizeof *t);
    snprintf(t->log, sizeof t->log, "%s/target.log", run_directory);
    t->source = h;
    t->index = history_index_build(h);
    t->in = (judge_input){.history = h, .index = t->index, .seed = seed, .target_log_path = t->log};
    t->records = memory_take((history_count(h) + INSERTED_MOST) * sizeof *t->records);
    tape_rewind(t);
    return t;
}

void tape_free(tape *t)
{
    history_index_free(t->index);
    history_free(t->source);
    free(t->records);
    free(t);
}

void tape_rewind(tape *t)
{
    t->count = history_count(t->source);
    for (size_t i = 0; i < t->count; i++)
        t->records[i] = history_get(t->source, i);
    t->named_count = 0;
    t->text = NULL;
    t->unproven = false;
}

void tape_drop(tape *t, size_t at)
{
    CHECK(at < t->count);
    t->count--;
    memmove(&t->records[at], &t->records[at + 1], (t->count - at) * sizeof *t->records);
}

void tape_insert(tape *t, size_t at, const history_record *r)
{
    CHECK(at <= t->count && t->count < history_count(t->source) + INSERTED_MOST);
    history_record copy = *r;
    memmove(&t->records[at + 1], &t->records[at], (t->count - at) * sizeof *t->records);
    t->records[at] = copy;
    t->count++;
}

uint32_t tape_text(tape *t, const char *text)
{
    t->text = text;
    return history_name_count(t->source) + 1;
}

void tape_name(tape *t, const history_record *operation)
{
    CHECK(t->named_count < TAPE_NAMED_MOST);
    t->named[t->named_count++] = value_of(operation->client, operation->sequence);
}

bool tape_has(const tape *t, size_t at, unsigned type, outcome how)
{
    const history_record *r = &t->records[at];
    return r->kind == RECORD_OPERATION && r->type == type && r->outcome == how;
}

size_t tape_pick(const tape *t, random_stream *r, tape_fits fits)
{
    size_t first = t->count > 0 ? random_below(r, t->count) : 0;
    for (size_t i = 0; i < t->count; i++) {
        size_t at = (first + i) % t->count;
        if (fits(t, at))
            return at;
    }
    return SIZE_MAX;
}

static history *write_copy(const tape *t, const char *path)
{
    error e = {0};
    history_writer *w = history_create(path, 1, &e);
    CHECK(w != NULL);
    for (uint32_t name = 1; name <= history_name_count(t->source); name++)
        CHECK(history_name(w, history_text(t->source, name),
                           history_text_length(t->source, name)) == name);
    if (t->text != NULL)
        history_name(w, t->text, strlen(t->text));
    for (size_t i = 0; i < t->count; i++)
        history_append(w, 0, &t->records[i]);
    CHECK(history_close(w, &e));
    history *h = history_open(path, &e);
    CHECK(h != NULL && history_complete(h));
    return h;
}

/* In words and as a record. */
static bool names(const judge_finding *f, const history *h, uint64_t operation)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu32 "/%" PRIu32, (uint32_t)(operation >> 32),
             (uint32_t)operation);
    bool told = strstr(f->sentence, text) != NULL;
    for (size_t i = 0; i < f->step_count; i++)
        told = told || strstr(f->steps[i].line, text) != NULL;
    for (size_t i = 0; told && i < f->step_count; i++) {
        if (f->steps[i].record == EVIDENCE_NO_RECORD)
            continue;
        history_record r = history_get(h, f->steps[i].record);
        if (r.kind == RECORD_OPERATION && value_of(r.client, r.sequence) == operation)
            return true;
    }
    return false;
}

judge_finding tape_judge(const tape *t, const judge *j, const char *folder, bool *named)
{
    error e = {0};
    char path[512];
    CHECK(files_join(path, sizeof path, folder, "mutated.bin", &e));
    history *h = write_copy(t, path);
    history_index *x = history_index_build(h);
    judge_input in = t->in;
    in.history = h;
    in.index = x;
    in.values = t->values;
    judge_finding finding = {.answer = ANSWER_NOT_PROVEN};
    j->examine(&in, &finding);
    *named = t->named_count == 0;
    for (size_t i = 0; i < t->named_count; i++)
        *named = *named || names(&finding, h, t->named[i]);
    history_index_free(x);
    history_free(h);
    unlink(path);
    return finding;
}
