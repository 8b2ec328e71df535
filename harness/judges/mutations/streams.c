/* Mutations of channels and of what watchers are told. */
#include <string.h>

#include "judges/mutations/tape.h"

/* --- channels --- */

static bool sampled(const tape *t, size_t part)
{
    if (t->records[part].type != PART_SAMPLES || t->records[part].value == 0)
        return false;
    size_t append = index_writer(t->index, t->records[part].value);
    return append != SIZE_MAX && t->records[append].outcome == OUTCOME_OK;
}

/* Two neighbouring runs of acknowledged appends, one after the other; 0: none. */
static uint32_t ordered_runs(const tape *t, size_t at)
{
    part_range parts = index_parts(t->index, (uint32_t)at);
    for (uint32_t p = parts.first; p + 1 < parts.first + parts.count; p++) {
        if (!sampled(t, p) || !sampled(t, p + 1))
            continue;
        const history_record *a = &t->records[index_writer(t->index, t->records[p].value)];
        const history_record *b = &t->records[index_writer(t->index, t->records[p + 1].value)];
        if (a->finish < b->invoke && b->finish < t->records[at].invoke &&
            t->records[p + 1].expected == 0)
            return p;
    }
    return 0;
}

static bool channel_read(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_CHANNEL_READ, OUTCOME_OK) && ordered_runs(t, at) != 0;
}

static uint32_t pick_runs(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, channel_read);
    if (at == SIZE_MAX)
        return 0;
    tape_name(t, &t->records[at]);
    return ordered_runs(t, at);
}

static bool samples_lost(tape *t, random_stream *r)
{
    uint32_t run = pick_runs(t, r);
    if (run == 0)
        return false;
    tape_drop(t, run + 1);
    return true;
}

static bool samples_doubled(tape *t, random_stream *r)
{
    uint32_t run = pick_runs(t, r);
    if (run == 0)
        return false;
    tape_insert(t, run + 1, &t->records[run + 1]);
    return true;
}

static bool samples_swapped(tape *t, random_stream *r)
{
    uint32_t run = pick_runs(t, r);
    if (run == 0)
        return false;
    history_record first = t->records[run];
    t->records[run] = t->records[run + 1];
    t->records[run + 1] = first;
    return true;
}

static bool samples_cut(tape *t, random_stream *r)
{
    uint32_t run = pick_runs(t, r);
    if (run == 0)
        return false;
    t->records[run + 1].size--;
    return true;
}

static bool samples_refused(tape *t, random_stream *r)
{
    uint32_t run = pick_runs(t, r);
    if (run == 0)
        return false;
    history_record *append = &t->records[index_writer(t->index, t->records[run].value)];
    append->outcome = OUTCOME_FAILED;
    append->status = 503;
    t->named_count = 0;
    tape_name(t, append);
    return true;
}

/* --- watchers --- */

static bool answered_before(const tape *t, size_t at)
{
    record_list list = index_of_key(t->index, t->records[at].key);
    for (size_t i = 0; i < list.count; i++)
        if (tape_has(t, list.records[i], OPERATION_CHANGES, OUTCOME_OK) &&
            t->records[list.records[i]].finish < t->records[at].invoke)
            return true;
    return false;
}

/* An acknowledged put that is told; 0: none. */
static uint32_t told_put(const tape *t, size_t at, uint64_t after)
{
    part_range parts = index_parts(t->index, (uint32_t)at);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        const history_record *told = &t->records[p];
        if (told->type != PART_CHANGE || strcmp(history_text(t->source, told->detail), "put") != 0)
            continue;
        record_list list = index_of_key(t->index, told->key);
        for (size_t i = 0; i < list.count; i++) {
            const history_record *put = &t->records[list.records[i]];
            if (tape_has(t, list.records[i], OPERATION_PUT, OUTCOME_OK) &&
                put->version == told->version && put->invoke > after &&
                put->finish < t->records[at].finish)
                return p;
        }
    }
    return 0;
}

static uint64_t first_answer(const tape *t, uint32_t watcher)
{
    record_list list = index_of_key(t->index, watcher);
    for (size_t i = 0; i < list.count; i++)
        if (tape_has(t, list.records[i], OPERATION_CHANGES, OUTCOME_OK))
            return t->records[list.records[i]].finish;
    return HISTORY_NEVER;
}

/* A later answer of the same watcher told of a put that began when this one had been answered. */
static bool told_more(const tape *t, size_t at)
{
    record_list list = index_of_key(t->index, t->records[at].key);
    for (size_t i = 0; i < list.count; i++)
        if (tape_has(t, list.records[i], OPERATION_CHANGES, OUTCOME_OK) &&
            t->records[list.records[i]].invoke > t->records[at].finish &&
            told_put(t, list.records[i], t->records[at].finish) != 0)
            return true;
    return false;
}

static bool told_before_others(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_CHANGES, OUTCOME_OK) && answered_before(t, at) &&
           told_put(t, at, first_answer(t, t->records[at].key)) != 0 && told_more(t, at);
}

static uint32_t pick_told(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, told_before_others);
    if (at == SIZE_MAX)
        return 0;
    tape_name(t, &t->records[at]);
    return told_put(t, at, first_answer(t, t->records[at].key));
}

static bool change_lost(tape *t, random_stream *r)
{
    uint32_t part = pick_told(t, r);
    if (part == 0)
        return false;
    /* What was never told is named by who did it. */
    t->named_count = 0;
    record_list list = index_of_key(t->index, t->records[part].key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *put = &t->records[list.records[i]];
        if (tape_has(t, list.records[i], OPERATION_PUT, OUTCOME_OK) &&
            put->version == t->records[part].version && t->named_count == 0)
            tape_name(t, put);
    }
    tape_drop(t, part);
    return true;
}

static bool change_doubled(tape *t, random_stream *r)
{
    uint32_t part = pick_told(t, r);
    if (part == 0)
        return false;
    tape_insert(t, part, &t->records[part]);
    return true;
}

static bool cursor_back(tape *t, random_stream *r)
{
    uint32_t part = pick_told(t, r);
    if (part == 0)
        return false;
    t->records[part].value = 0;
    return true;
}

static const mutation rows[] = {
    {"channel-bounded", "an append's samples are gone", NULL, samples_lost},
    {"channel-bounded", "an append's samples stand twice", NULL, samples_doubled},
    {"channel-bounded", "two appends stand in the wrong order", NULL, samples_swapped},
    {"channel-bounded", "an append lacks a sample", NULL, samples_cut},
    {"channel-bounded", "a refused append's samples are there", NULL, samples_refused},
    {"watch-exact", "a change is never told", NULL, change_lost},
    {"watch-exact", "a change is told twice", NULL, change_doubled},
    {"watch-exact", "a cursor number goes back", NULL, cursor_back},
};
const mutation_table stream_mutations = {rows, sizeof rows / sizeof rows[0]};
