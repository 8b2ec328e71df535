#include "explore/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/random.h"

#define CAPACITY_AT_FIRST ((size_t)1024)

static uint64_t *slot_of(const seen_set *set, uint64_t hash)
{
    size_t at = random_mix(hash) & (set->capacity - 1);
    while (set->slots[at] != 0 && set->slots[at] != hash)
        at = (at + 1) & (set->capacity - 1);
    return &set->slots[at];
}

static void grow(seen_set *set)
{
    seen_set larger = {.capacity = set->capacity == 0 ? CAPACITY_AT_FIRST : set->capacity * 2,
                       .count = set->count};
    larger.slots = memory_zeroed(larger.capacity, sizeof *larger.slots);
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != 0)
            *slot_of(&larger, set->slots[i]) = set->slots[i];
    free(set->slots);
    *set = larger;
}

bool seen_has(const seen_set *set, uint64_t hash)
{
    hash = hash == 0 ? 1 : hash;
    return set->capacity > 0 && *slot_of(set, hash) == hash;
}

bool seen_add(seen_set *set, uint64_t hash)
{
    hash = hash == 0 ? 1 : hash;
    if (set->count * 2 >= set->capacity && set->count < SEEN_MOST)
        grow(set);
    uint64_t *slot = slot_of(set, hash);
    if (*slot == hash)
        return false;
    if (set->count < SEEN_MOST) {
        *slot = hash;
        set->count++;
    }
    return true;
}

void seen_add_all(seen_set *set, const seen_set *other)
{
    for (size_t i = 0; i < other->capacity; i++)
        if (other->slots[i] != 0)
            seen_add(set, other->slots[i]);
}

void seen_release(seen_set *set)
{
    free(set->slots);
    *set = (seen_set){0};
}

bool seen_write(const seen_set *set, const char *path, error *e)
{
    buffer bytes = {0};
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != 0)
            buffer_append(&bytes, &set->slots[i], sizeof set->slots[i]);
    bool done = files_replace(path, buffer_text(&bytes), bytes.length, e);
    buffer_free(&bytes);
    return done;
}

bool seen_read(seen_set *set, const char *path, error *e)
{
    buffer bytes = {0};
    bool done = files_read(path, SEEN_MOST * sizeof(uint64_t), &bytes, e);
    for (size_t at = 0; done && at + sizeof(uint64_t) <= bytes.length; at += sizeof(uint64_t)) {
        uint64_t hash;
        memcpy(&hash, bytes.bytes + at, sizeof hash);
        seen_add(set, hash);
    }
    buffer_free(&bytes);
    return done;
}
