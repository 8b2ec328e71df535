/* Fits deletes and reads of absence into the gaps between forward zones.
 *
 * Only where each delete stands matters: once the deletes have their points, a value whose zone is
 * backward does least harm right before a delete or at the edge of a forward zone, if it reaches
 * one, and else as late as it may; and every read of absence then stands or falls by itself. More
 * deletes never harm a read. So reads are taken by their latest moment, and one that no delete
 * serves yet takes the delete that ends first, placed as late as it may. If all are served, that is
 * an order. If one is not, either no delete at all could serve it, which is a proof too, or the
 * search decides. */
#include <stdlib.h>

#include "base/arena.h"
#include "history/record.h"
#include "judges/register.h"

#define SCAN_MOST ((size_t)4096) /* deletes tried for one read; beyond it the search decides */

typedef struct {
    uint64_t begin;
    uint64_t end;
    uint32_t zone; /* its number among all zones */
} span;

/* A value that must be put somewhere between `begin` and `end`; `worst` is the greatest begin of
 * all that end no later. */
typedef struct {
    uint64_t begin;
    uint64_t end;
    uint64_t worst;
} floating;

/* Something that needs absence: a read, or a write on condition that the name is free (pinned: the
 * absence must last until `latest`). */
typedef struct {
    uint64_t invoke;
    uint64_t latest;
    uint32_t step;
    bool pinned;
    bool strict; /* pinned, and a delete at `latest` itself would come too late */
} demand;

typedef struct {
    const register_step *steps;
    size_t count;
    const register_zone *zones;
    size_t zone_count;
    span *spans; /* forward zones, in order, not overlapping */
    size_t span_count;
    floating *floats;
    size_t float_count;
    demand *demands;
    size_t demand_count;
    uint32_t *deletes; /* steps, by finish */
    uint32_t *unused;  /* from each position in `deletes` the way to the next unused one */
    size_t delete_count;
    uint64_t *points; /* where deletes were put, in order; the beginning is before them all */
    size_t point_count;
    bool undecided;
} work;

/* How many forward zones end at or before `time`: the number of the gap that it is in or next to.
 */
static size_t gap_of(const work *w, uint64_t time)
{
    size_t low = 0;
    size_t high = w->span_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->spans[middle].end <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t gap_begin(const work *w, size_t gap)
{
    return gap > 0 ? w->spans[gap - 1].end : 0;
}

static uint64_t gap_end(const work *w, size_t gap)
{
    return gap < w->span_count ? w->spans[gap].begin : HISTORY_NEVER;
}

/* The first of the floats, which are in the order of their ends, that ends at `time` or later. */
static size_t first_ending(const work *w, uint64_t time)
{
    size_t low = 0;
    size_t high = w->float_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->floats[middle].end < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Must some value come after the delete at `point` and before `time`? `initial`: the point is the
 * beginning, before which nothing can be put. */
static bool overwritten(const work *w, uint64_t point, bool initial, uint64_t time)
{
    size_t first = first_ending(w, time);
    return first > 0 && (initial || w->floats[first - 1].worst > point);
}

/* Is more than one value pinned to this very time? */
static bool shared(const work *w, uint64_t time)
{
    size_t pinned = 0;
    for (size_t i = first_ending(w, time); i < w->float_count && w->floats[i].end == time; i++)
        pinned += w->floats[i].begin == time;
    return pinned > 1;
}

/* The same as `overwritten` for absence that must last until `time`, also against values that only
 * might come between. */
static bool disturbed(const work *w, const demand *d, uint64_t point, bool initial)
{
    uint64_t time = d->latest;
    if (overwritten(w, point, initial, time) || shared(w, time))
        return true;
    size_t low = 0;
    size_t high = w->zone_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const register_zone *z = &w->zones[middle];
        uint64_t begin = z->first_finish < z->last_invoke ? z->first_finish : z->last_invoke;
        if (begin <= time)
            low = middle + 1;
        else
            high = middle;
    }
    while (low-- > 0) {
        const register_zone *z = &w->zones[low];
        bool forward = z->first_finish < z->last_invoke;
        if (forward && z->first_finish < time)
            return false; /* the gap began after it */
        if (forward || w->steps[z->first_step].value == REGISTER_ABSENT)
            continue;
        if (z->first_step == d->step)
            continue;
        return z->last_invoke > point || initial;
    }
    return false;
}

static bool serves(const work *w, const demand *d, uint64_t point, bool initial)
{
    if (d->pinned) {
        if (gap_begin(w, gap_of(w, d->latest)) > point && gap_end(w, gap_of(w, point)) != d->latest)
            return false;
        if (d->strict && point >= d->latest)
            return false;
        return !disturbed(w, d, point, initial);
    }
    if (point >= d->invoke && !initial)
        return true;
    size_t gap = gap_of(w, point);
    return gap_end(w, gap) >= d->invoke && !overwritten(w, point, initial, d->invoke);
}

/* The number of points at or before `time`. */
static size_t points_until(const work *w, uint64_t time)
{
    size_t low = 0;
    size_t high = w->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->points[middle] <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool served(const work *w, const demand *d)
{
    size_t until = points_until(w, d->latest);
    if (until > 0 && serves(w, d, w->points[until - 1], false))
        return true;
    return until == 0 && serves(w, d, 0, true);
}

static uint32_t next_unused(work *w, uint32_t at)
{
    uint32_t end = at;
    while (w->unused[end] != end)
        end = w->unused[end];
    while (w->unused[at] != end) {
        uint32_t next = w->unused[at];
        w->unused[at] = end;
        at = next;
    }
    return end;
}

static void put_point(work *w, uint64_t point)
{
    size_t at = w->point_count++;
    for (; at > 0 && w->points[at - 1] > point; at--)
        w->points[at] = w->points[at - 1];
    w->points[at] = point;
}

static uint32_t first_delete_until(const work *w, uint64_t time)
{
    size_t low = 0;
    size_t high = w->delete_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->steps[w->deletes[middle]].finish < time)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static bool serve_in_gap(work *w, const demand *d, size_t gap)
{
    uint64_t begin = gap_begin(w, gap);
    uint64_t last = d->latest < gap_end(w, gap) ? d->latest : gap_end(w, gap);
    uint32_t at = next_unused(w, first_delete_until(w, begin));
    for (size_t tried = 0; at < w->delete_count; tried++, at = next_unused(w, at + 1)) {
        if (tried == SCAN_MOST) {
            w->undecided = true;
            return false;
        }
        const register_step *step = &w->steps[w->deletes[at]];
        uint64_t point = step->finish < last ? step->finish : last;
        if (step->invoke > last || !serves(w, d, point, false))
            continue;
        w->unused[at] = at + 1;
        put_point(w, point);
        return true;
    }
    return false;
}

static bool serve(work *w, const demand *d)
{
    for (size_t gap = gap_of(w, d->latest) + 1; gap-- > 0;) {
        if (gap_end(w, gap) < d->invoke)
            break;
        if (gap_begin(w, gap) <= d->latest && serve_in_gap(w, d, gap))
            return true;
    }
    return false;
}

/* Could any delete, were it free and nothing else in the way, explain this read? */
static bool explicable(const work *w, const demand *d)
{
    if (d->pinned || gap_end(w, 0) >= d->invoke)
        return true;
    for (size_t i = 0; i < w->delete_count; i++) {
        const register_step *step = &w->steps[w->deletes[i]];
        for (size_t gap = gap_of(w, d->latest) + 1; gap-- > 0;) {
            uint64_t last = d->latest < gap_end(w, gap) ? d->latest : gap_end(w, gap);
            if (gap_end(w, gap) < d->invoke)
                break;
            if (step->invoke <= last && step->finish >= gap_begin(w, gap))
                return true;
        }
    }
    return false;
}

static register_answer vanished(const work *w, const demand *d)
{
    register_answer answer = {.kind = REGISTER_VANISHED};
    size_t gap = gap_of(w, d->latest);
    /* The read may lie inside the zone that begins this gap's end. */
    if (gap < w->span_count && w->spans[gap].begin < d->invoke)
        gap++;
    if (gap > 0) {
        const register_zone *zone = &w->zones[w->spans[gap - 1].zone];
        answer.steps[answer.step_count++] = zone->first_step;
        if (zone->last_step != zone->first_step)
            answer.steps[answer.step_count++] = zone->last_step;
    }
    answer.steps[answer.step_count++] = d->step;
    return answer;
}

static bool reaches_edge(const work *w, const register_zone *z)
{
    size_t gap = gap_of(w, z->last_invoke);
    if (gap > 0 && gap_begin(w, gap) == z->last_invoke)
        return true;
    return gap < w->span_count && gap_end(w, gap) <= z->first_finish;
}

static void take_zone(work *w, uint32_t number)
{
    const register_zone *z = &w->zones[number];
    if (w->steps[z->first_step].value == REGISTER_ABSENT)
        return;
    bool forward = z->first_finish < z->last_invoke;
    if (z->needs_absence) {
        uint64_t latest = z->first_finish;
        uint64_t edge = gap_end(w, gap_of(w, latest));
        if (edge < latest)
            latest = edge;
        w->demands[w->demand_count++] =
            (demand){latest, latest, z->first_step, .pinned = true, .strict = !forward};
        if (!forward)
            w->floats[w->float_count++] = (floating){latest, latest, 0};
    } else if (!forward && !reaches_edge(w, z)) {
        w->floats[w->float_count++] = (floating){z->last_invoke, z->first_finish, 0};
    }
}

static int by_end(const void *a, const void *b)
{
    uint64_t x = ((const floating *)a)->end;
    uint64_t y = ((const floating *)b)->end;
    return (x > y) - (x < y);
}

static int by_latest(const void *a, const void *b)
{
    uint64_t x = ((const demand *)a)->latest;
    uint64_t y = ((const demand *)b)->latest;
    return (x > y) - (x < y);
}

static int by_finish(const void *a, const void *b, void *steps)
{
    const register_step *x = (const register_step *)steps + *(const uint32_t *)a;
    const register_step *y = (const register_step *)steps + *(const uint32_t *)b;
    if (x->finish != y->finish)
        return x->finish > y->finish ? 1 : -1;
    return (x->invoke > y->invoke) - (x->invoke < y->invoke);
}

static void take_steps(work *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const register_step *step = &w->steps[i];
        if (step->value != REGISTER_ABSENT)
            continue;
        if (step->writes) {
            w->deletes[w->delete_count++] = i;
            continue;
        }
        size_t gap = gap_of(w, step->finish);
        uint64_t latest = step->finish < gap_end(w, gap) ? step->finish : gap_end(w, gap);
        w->demands[w->demand_count++] =
            (demand){.invoke = step->invoke, .latest = latest, .step = i};
    }
    qsort_r(w->deletes, w->delete_count, sizeof *w->deletes, by_finish,
            (void *)(uintptr_t)w->steps);
    for (uint32_t i = 0; i <= w->delete_count; i++)
        w->unused[i] = i;
}

static void prepare(work *w)
{
    for (uint32_t i = 0; i < w->zone_count; i++)
        if (w->zones[i].first_finish < w->zones[i].last_invoke)
            w->spans[w->span_count++] =
                (span){w->zones[i].first_finish, w->zones[i].last_invoke, i};
    for (uint32_t i = 0; i < w->zone_count; i++)
        take_zone(w, i);
    take_steps(w);
    qsort(w->floats, w->float_count, sizeof *w->floats, by_end);
    uint64_t worst = 0;
    for (size_t i = 0; i < w->float_count; i++) {
        if (w->floats[i].begin > worst)
            worst = w->floats[i].begin;
        w->floats[i].worst = worst;
    }
    qsort(w->demands, w->demand_count, sizeof *w->demands, by_latest);
}

static register_answer fit(work *w)
{
    for (size_t i = 0; i < w->demand_count; i++) {
        const demand *d = &w->demands[i];
        if (d->latest < d->invoke)
            return vanished(w, d);
        if (served(w, d) || serve(w, d))
            continue;
        return explicable(w, d) ? register_search(w->steps, w->count) : vanished(w, d);
    }
    return (register_answer){.kind = REGISTER_FITS};
}

register_answer register_fit_absence(const register_step *steps, size_t count,
                                     const register_zone *zones, size_t zone_count)
{
    work w = {.steps = steps, .count = count, .zones = zones, .zone_count = zone_count};
    w.spans = memory_take((zone_count + 1) * sizeof *w.spans);
    w.floats = memory_take((zone_count + 1) * sizeof *w.floats);
    w.demands = memory_take((count + zone_count + 1) * sizeof *w.demands);
    w.deletes = memory_take((count + 1) * sizeof *w.deletes);
    w.unused = memory_take((count + 2) * sizeof *w.unused);
    w.points = memory_take((count + 1) * sizeof *w.points);
    prepare(&w);
    register_answer answer = fit(&w);
    free(w.spans);
    free(w.floats);
    free(w.demands);
    free(w.deletes);
    free(w.unused);
    free(w.points);
    return answer;
}
