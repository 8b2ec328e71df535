/* atomic-move: nobody ever sees half of a batch, neither in a listing nor by reads one after
 * another, nor after a restart; an acknowledged batch is done and a refused one is not.
 *
 * A name tells about its batch from the batch's beginning until anything else may change it, and
 * only when it is known whether it was there before: what changed it last was acknowledged before
 * the batch began. An unknown change of it makes it tell nothing from then on. An unknown batch may
 * happen at any later time, but only whole. A listing that came in several pages shows several
 * moments, each of which tells for itself. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

/* One look at one name of a batch. */
typedef struct {
    uint64_t invoke;
    uint64_t finish;
    uint32_t record;
    uint32_t key;
    bool source; /* the batch moves it away, and not here */
    bool moved;  /* it shows the state after the batch */
    bool alone;  /* it shows no other name at the same moment */
} look;

typedef struct {
    uint64_t invoke;
    uint32_t record;
} listing;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    listing *listings; /* those that are complete, by invoke */
    size_t listing_count;
    look *looks;
    size_t look_count;
    size_t look_capacity;
} work;

static void add_look(work *w, look one)
{
    if (w->look_count == w->look_capacity) {
        w->look_capacity = w->look_capacity > 0 ? w->look_capacity * 2 : 64;
        w->looks = memory_resize(w->looks, w->look_capacity * sizeof *w->looks);
    }
    w->looks[w->look_count++] = one;
}

static int by_invoke(const void *a, const void *b)
{
    const listing *x = a;
    const listing *y = b;
    return (x->invoke > y->invoke) - (x->invoke < y->invoke);
}

static void find_listings(work *w)
{
    record_list lists = index_of_type(w->in->index, OPERATION_LIST);
    w->listings = memory_take((lists.count + 1) * sizeof *w->listings);
    for (size_t i = 0; i < lists.count; i++) {
        history_record r = history_get(w->in->history, lists.records[i]);
        if (r.outcome == OUTCOME_OK)
            w->listings[w->listing_count++] = (listing){r.invoke, lists.records[i]};
    }
    qsort(w->listings, w->listing_count, sizeof *w->listings, by_invoke);
}

/* What is known of a name at the beginning of a batch, while its changes are gone through. */
typedef struct {
    uint64_t begin;       /* of the batch */
    uint64_t until;       /* when something else may change the name */
    uint64_t last_invoke; /* of the last change before the batch */
    uint64_t last_finish;
    uint64_t others_finish; /* of all changes before that one */
    bool there;             /* what it left */
} telling;

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void take_change(telling *t, const history_record *r, bool there)
{
    if (r->outcome == OUTCOME_FAILED)
        return;
    if (effect_until(r) >= t->begin) {
        t->until = r->invoke < t->until ? r->invoke : t->until;
    } else if (r->invoke < t->last_invoke) {
        t->others_finish = later(t->others_finish, r->finish);
    } else {
        t->others_finish = later(t->others_finish, t->last_finish);
        t->last_invoke = r->invoke;
        t->last_finish = r->finish;
        t->there = there;
    }
}

/* Until when the name tells about the batch; 0: never. `source`: it tells when it was there. */
static uint64_t tells_until(const work *w, uint32_t key, bool source, uint32_t record,
                            const history_record *move)
{
    telling t = {.begin = move->invoke, .until = HISTORY_NEVER};
    record_list list = index_of_key(w->in->index, key);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (changes_name(&r))
            take_change(&t, &r, r.type != OPERATION_DELETE);
    }
    moved_list moves = index_moves_of_key(w->in->index, key);
    for (size_t i = 0; i < moves.count; i++) {
        const moved_name *m = &moves.entries[i];
        history_record other = history_get(w->in->history, m->move);
        if (history_get(w->in->history, m->part).status >= 400)
            continue;
        if (m->move != record)
            take_change(&t, &other, !m->source);
        else if (m->source != source)
            return 0; /* the batch moves it twice */
    }
    bool certain = t.last_finish == 0 || t.others_finish < t.last_invoke;
    return certain && t.there == source ? t.until : 0;
}

static void look_at_reads(work *w, uint32_t key, bool source, const history_record *move,
                          uint64_t until)
{
    record_list list = index_of_key(w->in->index, key);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (reads_name(&r) && r.invoke > move->invoke && r.finish < until)
            add_look(w, (look){.invoke = r.invoke,
                               .finish = r.finish,
                               .record = list.records[i],
                               .key = key,
                               .source = source,
                               .moved = ((r.flags & FLAG_ABSENT) != 0) == source,
                               .alone = true});
    }
}

static bool starts_with(const judge_input *in, uint32_t key, uint32_t prefix)
{
    const char *text = history_text(in->history, key);
    const char *start = history_text(in->history, prefix);
    while (*start != '\0' && *text == *start) {
        text++;
        start++;
    }
    return *start == '\0';
}

static bool listed(const judge_input *in, part_range entries, uint32_t key)
{
    for (uint32_t p = entries.first; p < entries.first + entries.count; p++)
        if (history_get(in->history, p).key == key)
            return true;
    return false;
}

static size_t first_listing_after(const work *w, uint64_t time)
{
    size_t low = 0;
    size_t high = w->listing_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->listings[middle].invoke <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void look_at_listings(work *w, uint32_t key, bool source, const history_record *move,
                             uint64_t until)
{
    for (size_t i = first_listing_after(w, move->invoke);
         i < w->listing_count && w->listings[i].invoke < until; i++) {
        uint32_t record = w->listings[i].record;
        history_record r = history_get(w->in->history, record);
        if (r.finish >= until || !starts_with(w->in, key, r.key))
            continue;
        bool there = listed(w->in, index_parts(w->in->index, record), key);
        add_look(w, (look){.invoke = r.invoke,
                           .finish = r.finish,
                           .record = record,
                           .key = key,
                           .source = source,
                           .moved = there != source,
                           .alone = !(r.flags & FLAG_ATOMIC)});
    }
}

static int by_finish(const void *a, const void *b)
{
    const look *x = a;
    const look *y = b;
    return (x->finish > y->finish) - (x->finish < y->finish);
}

static void report(work *w, uint32_t move, const look *one, const look *other, const char *what)
{
    bool there = other->moved != other->source;
    if (!finding_violate(w->out, other->finish, "%s: '%.120s', %s it moves, is %s", what,
                         history_text(w->in->history, other->key),
                         other->source ? "which" : "to which", there ? "there" : "not there"))
        return;
    evidence_show(w->in, w->out, move);
    if (one != NULL)
        evidence_show(w->in, w->out, one->record);
    if (one == NULL || other->record != one->record)
        evidence_show(w->in, w->out, other->record);
}

/* Once somebody saw the batch done, nobody who looks later may see it undone; one listing shows one
 * state. */
static void judge_looks(work *w, uint32_t record, const history_record *move)
{
    if (w->look_count == 0)
        return;
    qsort(w->looks, w->look_count, sizeof *w->looks, by_finish);
    const look *first = NULL; /* the first that saw it done */
    for (size_t i = 0; i < w->look_count; i++) {
        const look *now = &w->looks[i];
        if (move->outcome == OUTCOME_FAILED && now->moved)
            report(w, record, NULL, now, "a refused batch of moves was carried out");
        else if (move->outcome == OUTCOME_OK && !now->moved && now->invoke > move->finish)
            report(w, record, first, now, "part of an acknowledged batch of moves is not done");
        else if (!now->moved && first != NULL && first->finish < now->invoke)
            report(w, record, first, now, "a batch of moves was seen done and then not done");
        for (size_t k = i; k-- > 0 && w->looks[k].finish == now->finish;)
            if (w->looks[k].record == now->record && w->looks[k].moved != now->moved && !now->alone)
                report(w, record, &w->looks[k], now, "one listing shows half of a batch of moves");
        if (first == NULL && now->moved)
            first = now;
    }
}

static void judge_batch(work *w, uint32_t record)
{
    history_record move = history_get(w->in->history, record);
    if (!(move.flags & FLAG_ATOMIC))
        return;
    part_range parts = index_parts(w->in->index, record);
    w->look_count = 0;
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record part = history_get(w->in->history, p);
        for (int source = 0; source < 2; source++) {
            uint32_t key = source ? part.key : part.detail;
            uint64_t until =
                part.type == PART_MOVE ? tells_until(w, key, source, record, &move) : 0;
            if (until <= move.invoke)
                continue;
            look_at_reads(w, key, source, &move, until);
            look_at_listings(w, key, source, &move, until);
        }
    }
    w->out->examined += w->look_count;
    judge_looks(w, record, &move);
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {.in = in, .out = out};
    find_listings(&w);
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++)
        judge_batch(&w, moves.records[i]);
    free(w.listings);
    free(w.looks);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "nobody looked at names of an atomic batch that only the batch changed");
    else
        finding_hold(out, "%" PRIu64 " looks at %zu batches each saw all or nothing", out->examined,
                     moves.count);
}

const judge judge_atomic_move = {
    .name = "atomic-move",
    .definition = "No listing and no sequence of reads, also after a restart, shows half of an "
                  "atomic batch; an acknowledged batch is done and a refused one is not.",
    .needs = "atomic batches, and reads or listings of their names",
    .examine = examine,
};
