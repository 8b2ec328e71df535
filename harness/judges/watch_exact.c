/* watch-exact: a watcher sees every acknowledged change of what it watches once, in an order that
 * real time allows, with cursor numbers that only grow.
 *
 * Judged for each watcher (the key of `changes`) whose cursor was handed on without a gap. A change
 * counts as due when it has a version number, began after the watcher's first answer and ended
 * before its last empty answer began. Not a violation: events of unknown writes, concurrent changes
 * in either order. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

typedef struct {
    uint32_t key;
    uint32_t version;
    uint64_t order; /* position among the watcher's events */
    uint32_t answer;
} event;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    uint32_t watcher;
    event *events;
    size_t count;
    size_t capacity;
    uint64_t first;   /* finish of its first answer */
    uint64_t drained; /* invoke of its last empty answer; 0: none */
    uint32_t drained_record;
} watch;

static void add_event(watch *w, event e)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity > 0 ? w->capacity * 2 : 64;
        w->events = memory_resize(w->events, w->capacity * sizeof *w->events);
    }
    w->events[w->count++] = e;
}

static void blame(watch *w, uint64_t seen, const char *what, size_t one, size_t other)
{
    if (!finding_violate(w->out, seen, "watcher '%.120s': %s",
                         history_text(w->in->history, w->watcher), what))
        return;
    evidence_show(w->in, w->out, one);
    if (other != SIZE_MAX)
        evidence_show(w->in, w->out, other);
}

static void take_answer(watch *w, uint32_t record)
{
    history_record r = history_get(w->in->history, record);
    if (r.type != OPERATION_CHANGES || r.outcome != OUTCOME_OK)
        return;
    if (w->first == 0)
        w->first = r.finish;
    part_range parts = index_parts(w->in->index, record);
    uint64_t cursor = r.expected;
    uint64_t events = 0;
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record part = history_get(w->in->history, p);
        if (part.type != PART_CHANGE)
            continue;
        if (part.value <= cursor)
            blame(w, r.finish, "cursor numbers do not grow", record, SIZE_MAX);
        cursor = part.value;
        add_event(w, (event){part.key, part.version, w->count, record});
        events++;
    }
    w->out->examined += events;
    if (events == 0) {
        w->drained = r.invoke;
        w->drained_record = record;
    }
}

static int by_change(const void *a, const void *b)
{
    const event *x = a;
    const event *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    if (x->version != y->version)
        return x->version > y->version ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

static void judge_repeats(watch *w)
{
    if (w->count == 0)
        return;
    qsort(w->events, w->count, sizeof *w->events, by_change);
    for (size_t i = 1; i < w->count; i++) {
        const event *now = &w->events[i];
        const event *last = &w->events[i - 1];
        if (now->version != 0 && now->key == last->key && now->version == last->version)
            blame(w, history_get(w->in->history, now->answer).finish, "one change was told twice",
                  last->answer, now->answer != last->answer ? now->answer : SIZE_MAX);
    }
}

static const event *find_event(const watch *w, uint32_t key, uint32_t version)
{
    event wanted = {.key = key, .version = version};
    size_t low = 0;
    size_t high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_change(&w->events[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < w->count && w->events[low].key == key && w->events[low].version == version;
    return found ? &w->events[low] : NULL;
}

typedef struct {
    uint64_t order;
    uint64_t invoke;
    uint64_t finish;
    uint32_t record;
} told;

static int by_order(const void *a, const void *b)
{
    uint64_t x = ((const told *)a)->order;
    uint64_t y = ((const told *)b)->order;
    return (x > y) - (x < y);
}

static void judge_order(watch *w, told *all, size_t count)
{
    qsort(all, count, sizeof *all, by_order);
    const told *latest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (latest != NULL && all[i].finish < latest->invoke)
            blame(w, latest->finish, "a later change was told before an earlier one", all[i].record,
                  latest->record);
        if (latest == NULL || all[i].invoke > latest->invoke)
            latest = &all[i];
    }
}

static void judge_changes(watch *w)
{
    told *all = memory_take((w->count + 1) * sizeof *all);
    size_t count = 0;
    for (uint32_t key = 1; key <= index_key_count(w->in->index); key++) {
        record_list list = index_of_key(w->in->index, key);
        for (size_t i = 0; i < list.count; i++) {
            history_record r = history_get(w->in->history, list.records[i]);
            if (!changes_name(&r) || r.outcome != OUTCOME_OK || r.version == 0 ||
                (r.flags & FLAG_ABSENT))
                continue;
            const event *e = find_event(w, key, r.version);
            if (e != NULL && count < w->count)
                all[count++] = (told){e->order, r.invoke, r.finish, list.records[i]};
            else if (e == NULL && r.invoke > w->first && r.finish < w->drained)
                blame(w, w->drained, "an acknowledged change was never told", list.records[i],
                      w->drained_record);
        }
    }
    judge_order(w, all, count);
    free(all);
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t watchers = 0;
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        if (!has_operation(in, list, OPERATION_CHANGES))
            continue;
        watch w = {.in = in, .out = out, .watcher = key};
        for (size_t i = 0; i < list.count; i++)
            take_answer(&w, list.records[i]);
        watchers += w.count > 0;
        judge_repeats(&w);
        judge_changes(&w);
        free(w.events);
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no watcher was told a change");
    else
        finding_hold(out, "%" PRIu64 " watchers were told %" PRIu64 " changes, once and in order",
                     watchers, out->examined);
}

const judge judge_watch_exact = {
    .name = "watch-exact",
    .definition = "A watcher is told every acknowledged change once, in an order that real time "
                  "allows, with growing cursor numbers.",
    .needs = "watchers whose last answer was empty, and changes that are told their version",
    .examine = examine,
};
