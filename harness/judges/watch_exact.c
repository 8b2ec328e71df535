/* watch-exact: a watcher is told every acknowledged change of a name once, in an order that real
 * time allows, with cursor numbers that only grow.
 *
 * Judged for each watcher (the key of `changes`: one that lost its cursor is another). A change is
 * due to it when it began after the watcher's first answer and ended before its horizon: the begin
 * of its last empty answer, or of the latest change that it was told. Puts, restores, finished
 * uploads and moves are matched by version; deletes, which are told none, are counted by name. Not
 * a violation: changes of unknown writes, concurrent changes in either order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "judges/evidence.h"

/* What a write or a delete did to a name. */
typedef struct {
    uint32_t key;
    uint32_t version; /* 0: a delete */
    uint64_t invoke;
    uint64_t finish;
    uint32_t record;
} deed;

/* All that were acknowledged, in two orders. */
typedef struct {
    deed *by_name; /* key, version */
    deed *by_begin;
    size_t count;
    size_t capacity;
} deeds;

typedef struct {
    uint32_t key;
    uint32_t version;
    bool removed;
    uint64_t order; /* position among the watcher's events */
    uint32_t answer;
} event;

typedef enum { NOT_GROWING, TWICE, TOO_LATE, UNTOLD, WRONGS } wrong;
static const char *const wrongs[WRONGS] = {
    "has a cursor number that is not above the one before it", "was told twice",
    "was told after a later one", "was acknowledged and never told"};

typedef struct {
    const judge_input *in;
    judge_finding *out;
    const deeds *deeds;
    uint64_t *found; /* of each wrong, of all watchers */
    uint32_t watcher;
    event *events;
    size_t count;
    size_t capacity;
    uint64_t first;   /* finish of its first answer; 0: none */
    uint64_t horizon; /* what ended before must have been told */
    uint32_t horizon_record;
    bool drained; /* it had an empty answer after its first */
} watch;

/* --- what was done --- */

static void add_deed(deeds *d, deed one)
{
    if (d->count == d->capacity) {
        d->capacity = d->capacity > 0 ? d->capacity * 2 : 256;
        d->by_name = memory_resize(d->by_name, d->capacity * sizeof *d->by_name);
    }
    d->by_name[d->count++] = one;
}

static void add_moves(const judge_input *in, deeds *d)
{
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        history_record r = history_get(in->history, moves.records[i]);
        part_range parts = index_parts(in->index, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
            history_record part = history_get(in->history, p);
            if (r.outcome != OUTCOME_OK || part.type != PART_MOVE || part.version == 0)
                continue;
            add_deed(d, (deed){part.detail, part.version, r.invoke, r.finish, moves.records[i]});
            add_deed(d, (deed){part.key, 0, r.invoke, r.finish, moves.records[i]});
        }
    }
}

static int deeds_by_name(const void *a, const void *b)
{
    const deed *x = a;
    const deed *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    return (x->version > y->version) - (x->version < y->version);
}

static int deeds_by_begin(const void *a, const void *b)
{
    uint64_t x = ((const deed *)a)->invoke;
    uint64_t y = ((const deed *)b)->invoke;
    return (x > y) - (x < y);
}

static deeds find_deeds(const judge_input *in)
{
    deeds d = {.count = 0};
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        for (size_t i = 0; i < list.count; i++) {
            history_record r = history_get(in->history, list.records[i]);
            bool removed = r.type == OPERATION_DELETE;
            if (changes_name(&r) && r.outcome == OUTCOME_OK && !(r.flags & FLAG_ABSENT) &&
                (removed || r.version != 0))
                add_deed(&d,
                         (deed){key, removed ? 0 : r.version, r.invoke, r.finish, list.records[i]});
        }
    }
    add_moves(in, &d);
    d.by_begin = memory_take((d.count + 1) * sizeof *d.by_begin);
    if (d.count == 0)
        return d;
    memcpy(d.by_begin, d.by_name, d.count * sizeof *d.by_name);
    qsort(d.by_name, d.count, sizeof *d.by_name, deeds_by_name);
    qsort(d.by_begin, d.count, sizeof *d.by_begin, deeds_by_begin);
    return d;
}

static const deed *find_deed(const deeds *d, const event *e)
{
    deed wanted = {.key = e->key, .version = e->version};
    if (e->removed || d->count == 0)
        return NULL;
    return bsearch(&wanted, d->by_name, d->count, sizeof *d->by_name, deeds_by_name);
}

/* --- what a watcher was told --- */

static void add_event(watch *w, event e)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity > 0 ? w->capacity * 2 : 64;
        w->events = memory_resize(w->events, w->capacity * sizeof *w->events);
    }
    w->events[w->count++] = e;
}

/* `version` 0: a delete. */
static void blame(watch *w, uint64_t seen, wrong what, uint32_t key, uint32_t version, size_t one,
                  size_t other)
{
    char change[32] = "delete";
    if (version != 0)
        snprintf(change, sizeof change, "version %" PRIu32, version);
    w->found[what]++;
    if (!finding_violate(w->out, seen, "watcher '%.80s': %s of '%.120s' %s",
                         history_text(w->in->history, w->watcher), change,
                         history_text(w->in->history, key), wrongs[what]))
        return;
    evidence_show(w->in, w->out, one);
    if (other != SIZE_MAX)
        evidence_show(w->in, w->out, other);
}

static void reach(watch *w, uint64_t horizon, uint32_t record)
{
    if (horizon <= w->horizon)
        return;
    w->horizon = horizon;
    w->horizon_record = record;
}

static void take_answer(watch *w, uint32_t record)
{
    history_record r = history_get(w->in->history, record);
    if (r.type != OPERATION_CHANGES || r.outcome != OUTCOME_OK)
        return;
    bool first = w->first == 0;
    if (first)
        w->first = r.finish;
    part_range parts = index_parts(w->in->index, record);
    uint64_t cursor = r.expected;
    uint64_t events = 0;
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record part = history_get(w->in->history, p);
        if (part.type != PART_CHANGE)
            continue;
        if (part.value <= cursor)
            blame(w, r.finish, NOT_GROWING, part.key, part.version, record, SIZE_MAX);
        cursor = part.value;
        bool removed = strcmp(history_text(w->in->history, part.detail), "delete") == 0;
        add_event(w, (event){part.key, part.version, removed, w->count, record});
        events++;
    }
    w->out->examined += events;
    if (events > 0 || first)
        return;
    w->drained = true;
    reach(w, r.invoke, record);
}

static int events_by_name(const void *a, const void *b)
{
    const event *x = a;
    const event *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    if (x->removed != y->removed)
        return x->removed ? 1 : -1;
    if (x->version != y->version)
        return x->version > y->version ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

static void judge_repeats(watch *w)
{
    for (size_t i = 1; i < w->count; i++) {
        const event *now = &w->events[i];
        const event *last = &w->events[i - 1];
        if (now->version != 0 && now->key == last->key && now->version == last->version &&
            now->removed == last->removed)
            blame(w, history_get(w->in->history, now->answer).finish, TWICE, now->key, now->version,
                  last->answer, now->answer != last->answer ? now->answer : SIZE_MAX);
    }
}

/* --- order --- */

typedef struct {
    uint64_t order;
    const deed *deed;
} told;

static int by_order(const void *a, const void *b)
{
    uint64_t x = ((const told *)a)->order;
    uint64_t y = ((const told *)b)->order;
    return (x > y) - (x < y);
}

/* Also moves the horizon: what ended before a told change began must have been told by then. */
static void judge_order(watch *w)
{
    told *all = memory_take((w->count + 1) * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++) {
        const deed *d = find_deed(w->deeds, &w->events[i]);
        if (d != NULL)
            all[count++] = (told){w->events[i].order, d};
    }
    qsort(all, count, sizeof *all, by_order);
    const deed *latest = NULL;
    for (size_t i = 0; i < count; i++) {
        const deed *now = all[i].deed;
        if (latest != NULL && now->finish < latest->invoke)
            blame(w, latest->finish, TOO_LATE, now->key, now->version, now->record, latest->record);
        if (latest == NULL || now->invoke > latest->invoke)
            latest = now;
    }
    if (latest != NULL)
        reach(w, latest->invoke, latest->record);
    free(all);
}

/* --- completeness --- */

/* The first event at or after this place in the order of names. */
static size_t lower_event(const watch *w, uint32_t key, uint32_t version, bool removed)
{
    event wanted = {.key = key, .version = version, .removed = removed};
    size_t low = 0;
    size_t high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events_by_name(&w->events[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool was_told(const watch *w, const deed *d)
{
    size_t at = lower_event(w, d->key, d->version, false);
    return at < w->count && w->events[at].key == d->key && w->events[at].version == d->version &&
           !w->events[at].removed;
}

static size_t deletes_told(const watch *w, uint32_t key)
{
    size_t count = 0;
    for (size_t at = lower_event(w, key, 0, true); at < w->count && w->events[at].key == key; at++)
        count++;
    return count;
}

/* `due` holds the deletes that should have been told. */
static void judge_deletes(watch *w, deed *due, size_t count)
{
    if (count > 0)
        qsort(due, count, sizeof *due, deeds_by_name);
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && due[end].key == due[i].key)
            end++;
        if (deletes_told(w, due[i].key) < end - i)
            blame(w, w->horizon, UNTOLD, due[i].key, 0, due[end - 1].record, w->horizon_record);
        i = end;
    }
}

static size_t first_after(const deeds *d, uint64_t time)
{
    size_t low = 0;
    size_t high = d->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->by_begin[middle].invoke <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void judge_missing(watch *w)
{
    const deeds *d = w->deeds;
    size_t from = first_after(d, w->first);
    size_t until = w->horizon > w->first ? first_after(d, w->horizon) : from;
    deed *deletes = memory_take((until - from + 1) * sizeof *deletes);
    size_t count = 0;
    for (size_t i = from; i < until; i++) {
        const deed *one = &d->by_begin[i];
        if (one->finish >= w->horizon)
            continue;
        if (one->version == 0)
            deletes[count++] = *one;
        else if (!was_told(w, one))
            blame(w, w->horizon, UNTOLD, one->key, one->version, one->record, w->horizon_record);
    }
    judge_deletes(w, deletes, count);
    free(deletes);
}

/* --- all watchers --- */

static void judge_watcher(watch *w, record_list list)
{
    for (size_t i = 0; i < list.count; i++)
        take_answer(w, list.records[i]);
    if (w->count > 0)
        qsort(w->events, w->count, sizeof *w->events, events_by_name);
    judge_repeats(w);
    judge_order(w);
    if (w->first > 0)
        judge_missing(w);
    free(w->events);
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t watchers = 0;
    uint64_t drained = 0;
    uint64_t found[WRONGS] = {0};
    deeds all = find_deeds(in);
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        if (!has_operation(in, list, OPERATION_CHANGES))
            continue;
        watch w = {.in = in, .out = out, .deeds = &all, .found = found, .watcher = key};
        judge_watcher(&w, list);
        watchers += w.count > 0;
        drained += w.drained;
    }
    free(all.by_name);
    free(all.by_begin);
    for (wrong i = 0; i < WRONGS; i++)
        if (found[i] > 0)
            finding_step(out, HISTORY_NEVER, EVIDENCE_NO_RECORD,
                         "in all: %" PRIu64 " x a change %s", found[i], wrongs[i]);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no watcher was told a change");
    else
        finding_hold(out,
                     "%" PRIu64 " watchers were told %" PRIu64
                     " changes, once and in order; %" PRIu64 " came to the end of them",
                     watchers, out->examined, drained);
}

const judge judge_watch_exact = {
    .name = "watch-exact",
    .definition = "A watcher is told every acknowledged change once, in an order that real time "
                  "allows, with growing cursor numbers.",
    .needs = "watchers, and changes that are told their version",
    .examine = examine,
};
