/* bounded-memory: the target's memory does not grow without end.
 *
 * The first fifth of the longest life of one process is dropped and the rest cut into twelve
 * blocks. Growth is a leak only if the blocks' minima rise by Mann and Kendall's test (p < .01),
 * the second half rises at least half as fast as the whole (Theil and Sen: a cache that fills
 * flattens), and the growth passes a material floor. A target that balloons and falls back is no
 * leak: minima ignore the peaks, and what counts as growth is what is left of it when the load is
 * over, if that was sampled, and at least half of it. The whole span must be long enough to say
 * anything. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"floor", PARAMETER_SIZE, "8MiB", "growth below this is never a leak", NULL},
    {"shortest", PARAMETER_DURATION, "20s", "a shorter life of the process proves nothing", NULL},
    {"most", PARAMETER_SIZE, "0", "resident memory is never more than this; 0: no bound", NULL},
    {"per_client", PARAMETER_SIZE, "0",
     "more than before the load is allowed for each client; 0: no bound", NULL},
};
enum { FLOOR, SHORTEST, MOST, PER_CLIENT };

#define BLOCKS       12
#define SIGNIFICANCE 2.326 /* one-sided normal quantile of p = .01 */

typedef struct {
    uint64_t when;
    uint64_t bytes;
    uint32_t record;
} point;

/* The longest run of samples of one process; returns its length and puts it at *first. */
static size_t longest_life(const judge_input *in, const point *all, size_t count, size_t *first)
{
    record_list events = index_events(in->index);
    size_t best = 0;
    size_t begin = 0;
    for (size_t i = 0, e = 0; i <= count; i++) {
        bool cut = i == count;
        for (; !cut && e < events.count; e++) {
            history_record r = history_get(in->history, events.records[e]);
            if (r.invoke > all[i].when)
                break;
            cut = cut || r.type == EVENT_TARGET_START;
        }
        if (!cut)
            continue;
        if (i - begin > best) {
            best = i - begin;
            *first = begin;
        }
        begin = i;
    }
    return best;
}

static void block_minima(const point *all, size_t count, point minima[BLOCKS])
{
    for (size_t b = 0; b < BLOCKS; b++) {
        size_t from = count * b / BLOCKS;
        size_t to = count * (b + 1) / BLOCKS;
        minima[b] = all[from];
        for (size_t i = from + 1; i < to; i++)
            if (all[i].bytes < minima[b].bytes)
                minima[b] = all[i];
    }
}

static bool rises(const point minima[BLOCKS])
{
    int score = 0;
    for (size_t i = 0; i < BLOCKS; i++)
        for (size_t k = i + 1; k < BLOCKS; k++)
            score += (minima[k].bytes > minima[i].bytes) - (minima[k].bytes < minima[i].bytes);
    double variance = BLOCKS * (BLOCKS - 1) * (2 * BLOCKS + 5) / 18.0;
    return (score - 1) / sqrt(variance) > SIGNIFICANCE;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Bytes a second: the median of the slopes between all pairs. */
static double slope(const point *minima, size_t count)
{
    double slopes[BLOCKS * BLOCKS] = {0};
    size_t pairs = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (minima[k].when > minima[i].when)
                slopes[pairs++] =
                    ((double)minima[k].bytes - (double)minima[i].bytes) /
                    ((double)(minima[k].when - minima[i].when) / (double)NANOSECONDS_PER_SECOND);
    qsort(slopes, pairs, sizeof *slopes, by_size);
    return pairs > 0 ? slopes[pairs / 2] : 0;
}

static uint64_t time_of(const judge_input *in, unsigned type)
{
    record_list events = index_events(in->index);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type == type)
            return r.invoke;
    }
    return HISTORY_NEVER;
}

/* What is left when the load is over: the least sample since, or the last minimum. */
static point left_over(const judge_input *in, const point *life, size_t count, point last)
{
    uint64_t end = time_of(in, EVENT_LOAD_END);
    for (size_t i = 0; i < count; i++)
        if (life[i].when > end && life[i].bytes < last.bytes)
            last = life[i];
    return last;
}

static void judge_growth(const judge_input *in, judge_finding *out, const point *life, size_t count)
{
    point minima[BLOCKS];
    block_minima(life, count, minima);
    double whole = slope(minima, BLOCKS);
    double late = slope(minima + BLOCKS / 2, BLOCKS / 2);
    uint64_t highest = 0;
    for (size_t b = 0; b < BLOCKS; b++)
        highest = minima[b].bytes > highest ? minima[b].bytes : highest;
    minima[BLOCKS - 1] = left_over(in, life, count, minima[BLOCKS - 1]);
    const point *last = &minima[BLOCKS - 1];
    uint64_t growth = last->bytes > minima[0].bytes ? last->bytes - minima[0].bytes : 0;
    if (!rises(minima) || late < whole / 2 || growth <= in->values[FLOOR].number ||
        growth < (highest - minima[0].bytes) / 2)
        return;
    char text[32];
    if (!finding_violate(out, last->when,
                         "memory grew by %s without coming back, %.0f bytes a second",
                         units_show_size(growth, text), late))
        return;
    if (in->memory_limit > last->bytes && late > 0) {
        double seconds = (double)(in->memory_limit - last->bytes) / late;
        finding_step(out, HISTORY_NEVER, EVIDENCE_NO_RECORD,
                     "at this pace it reaches its memory limit in %.0f s", seconds);
    }
    /* The least of the first stretch and of the last. */
    evidence_show(in, out, minima[0].record);
    evidence_show(in, out, minima[BLOCKS - 1].record);
}

static size_t take_points(const judge_input *in, judge_finding *out, point *all)
{
    record_list samples = index_samples(in->index);
    size_t count = 0;
    uint64_t most = in->values[MOST].number;
    for (size_t i = 0; i < samples.count; i++) {
        history_record r = history_get(in->history, samples.records[i]);
        if (r.value == 0)
            continue; /* the target was down */
        all[count++] = (point){r.invoke, r.value, samples.records[i]};
        char now[32], bound[32];
        if (most > 0 && r.value > most &&
            finding_violate(out, r.invoke, "memory is %s; %s is allowed",
                            units_show_size(r.value, now), units_show_size(most, bound)))
            evidence_show(in, out, samples.records[i]);
    }
    return count;
}

static uint64_t count_clients(const judge_input *in)
{
    unsigned char *seen = memory_zeroed((size_t)HISTORY_CLIENTS_MOST + 1, 1);
    uint64_t count = 0;
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (r.kind != RECORD_OPERATION || (r.flags & FLAG_FINAL) || seen[r.client])
            continue;
        seen[r.client] = 1;
        count++;
    }
    free(seen);
    return count;
}

/* Against the most that it had before the load. */
static void judge_clients(const judge_input *in, judge_finding *out, const point *all, size_t count)
{
    uint64_t begin = time_of(in, EVENT_LOAD_BEGIN);
    uint64_t each = in->values[PER_CLIENT].number;
    uint64_t before = 0;
    uint64_t clients = each > 0 && begin != HISTORY_NEVER ? count_clients(in) : 0;
    for (size_t i = 0; i < count && clients > 0; i++) {
        char now[32], most[32], one[32];
        if (all[i].when <= begin)
            before = all[i].bytes > before ? all[i].bytes : before;
        else if (before > 0 && all[i].bytes > before + each * clients &&
                 finding_violate(out, all[i].when,
                                 "memory is %s under %" PRIu64
                                 " clients; with %s each %s more than "
                                 "before the load is allowed",
                                 units_show_size(all[i].bytes, now), clients,
                                 units_show_size(each, one), units_show_size(each * clients, most)))
            evidence_show(in, out, all[i].record);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list samples = index_samples(in->index);
    point *all = memory_take((samples.count + 1) * sizeof *all);
    size_t count = take_points(in, out, all);
    judge_clients(in, out, all, count);
    size_t first = 0;
    size_t life = longest_life(in, all, count, &first);
    first += life / 5;
    life -= life / 5;
    out->examined = life;
    uint64_t span = life > 0 ? all[first + life - 1].when - all[first].when : 0;
    char text[32];
    units_show_duration(span, text);
    bool enough = life >= (size_t)2 * BLOCKS && span >= in->values[SHORTEST].number / 5 * 4;
    if (enough)
        judge_growth(in, out, all + first, life);
    free(all);
    if (out->violations > 0)
        return;
    if (!enough)
        finding_doubt(out, "%zu samples in %s after the warm-up say nothing about growth", life,
                      text);
    else
        finding_hold(out, "no lasting growth in %zu samples over %s", life, text);
}

const judge judge_bounded_memory = {
    .name = "bounded-memory",
    .definition =
        "Resident memory, after the first fifth, has no rising trend of block minima that "
        "lasts through the second half, is still there when the load is over and passes the floor, "
        "and stays below the bounds.",
    .needs = "a process that lives long enough, sampled at least 30 times",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
