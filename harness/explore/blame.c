#include "explore/blame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "run/interrupt.h"

typedef struct {
    trial *trial;
    const replay_disk *disk;
    uint64_t cut;
    int trials;
} search;

/* Whether the server still loses when only these operations are missing. */
static bool still_bad(search *s, const uint64_t *lost, size_t count, bool *bad, error *e)
{
    trial_finding found;
    replay_disk disk = *s->disk;
    disk.only = true;
    disk.lost = lost;
    disk.lost_count = count;
    *bad = false;
    if (s->trials >= BLAME_TRIALS_MOST || interrupt_asked())
        return true;
    s->trials++;
    if (!trial_run(s->trial, &disk, s->cut, &found, e))
        return false;
    *bad = found.violated;
    return true;
}

/* Keeps the half that suffices, for as long as one does. */
static bool halve(search *s, uint64_t *lost, size_t *count, error *e)
{
    bool smaller = true;
    while (*count > 1 && smaller) {
        size_t half = *count / 2;
        bool bad;
        smaller = false;
        if (!still_bad(s, lost, half, &bad, e))
            return false;
        if (bad) {
            *count = half;
            smaller = true;
            continue;
        }
        if (!still_bad(s, lost + half, *count - half, &bad, e))
            return false;
        if (bad) {
            memmove(lost, lost + half, (*count - half) * sizeof *lost);
            *count -= half;
            smaller = true;
        }
    }
    return true;
}

/* Leaves out one after the other. */
static bool thin_out(search *s, uint64_t *lost, size_t *count, error *e)
{
    uint64_t *fewer = memory_zeroed(*count + 1, sizeof *fewer);
    bool done = true;
    for (size_t i = 0; i<*count && * count> 1 && done;) {
        bool bad = false;
        memcpy(fewer, lost, i * sizeof *lost);
        memcpy(fewer + i, lost + i + 1, (*count - i - 1) * sizeof *lost);
        done = still_bad(s, fewer, *count - 1, &bad, e);
        if (bad)
            memcpy(lost, fewer, --*count * sizeof *lost);
        else
            i++;
    }
    free(fewer);
    return done;
}

static void describe(const search *s, const uint64_t *lost, size_t count, blame *out)
{
    char sentence[900];
    out->count = count < BLAME_OPERATIONS_MOST ? count : BLAME_OPERATIONS_MOST;
    memcpy(out->operations, lost, out->count * sizeof *lost);
    if (count == 0) {
        replay_describe_cut(s->trial->replay, sentence, sizeof sentence);
        snprintf(out->sentence, sizeof out->sentence,
                 "the order is to blame: nothing is missing on a disk cut %s", sentence);
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < out->count && used < sizeof out->sentence; i++) {
        replay_describe(s->trial->replay, lost[i], sentence, sizeof sentence);
        int length = snprintf(out->sentence + used, sizeof out->sentence - used, "%s%s",
                              i > 0 ? "; and " : "", sentence);
        used += length > 0 ? (size_t)length : 0;
    }
    if (count > out->count && used < sizeof out->sentence)
        snprintf(out->sentence + used, sizeof out->sentence - used, "; and %zu more",
                 count - out->count);
}

bool blame_find(trial *t, const replay_disk *disk, uint64_t cut, blame *out, error *e)
{
    search s = {.trial = t, .disk = disk, .cut = cut};
    uint64_t *lost;
    bool by_order = false;
    *out = (blame){.count = 0};
    size_t count = replay_lost(t->replay, disk, &lost);
    bool done = still_bad(&s, NULL, 0, &by_order, e);
    if (by_order)
        count = 0;
    done = done && halve(&s, lost, &count, e) && thin_out(&s, lost, &count, e);
    if (done)
        describe(&s, lost, count, out);
    free(lost);
    return done;
}
