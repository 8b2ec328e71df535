/* atomic-move: nobody ever sees half of a batch, neither in a listing nor by reads one after
 * another, nor after a restart; an acknowledged batch is done and a refused one is not.
 *
 * A name tells about its batch only when nothing else can have changed it: written and acknowledged
 * before the batch began, and by nobody afterwards, and in no other batch. Other names are left
 * out. An unknown batch may happen at any later time, but only whole. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

/* One look at one name of a batch. */
typedef struct {
    uint64_t invoke;
    uint64_t finish;
    uint32_t record;
    bool moved; /* it shows the state after the batch */
} look;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    uint32_t *batches; /* by key: how many batches name it */
    look *looks;
    size_t look_count;
    size_t look_capacity;
} work;

static void add_look(work *w, const history_record *r, uint32_t record, bool moved)
{
    if (w->look_count == w->look_capacity) {
        w->look_capacity = w->look_capacity > 0 ? w->look_capacity * 2 : 64;
        w->looks = memory_resize(w->looks, w->look_capacity * sizeof *w->looks);
    }
    w->looks[w->look_count++] = (look){r->invoke, r->finish, record, moved};
}

static void count_batches(work *w)
{
    w->batches = memory_zeroed((size_t)index_key_count(w->in->index) + 1, sizeof *w->batches);
    record_list moves = index_of_type(w->in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        history_record move = history_get(w->in->history, moves.records[i]);
        part_range parts = index_parts(w->in->index, moves.records[i]);
        for (uint32_t p = parts.first;
             p < parts.first + parts.count && move.outcome != OUTCOME_FAILED; p++) {
            history_record part = history_get(w->in->history, p);
            w->batches[part.key]++;
            w->batches[part.detail]++;
        }
    }
}

/* `source`: it was there before the batch; else it was not. */
static bool telling(const work *w, uint32_t key, bool source, const history_record *move)
{
    record_list list = index_of_key(w->in->index, key);
    bool there = false;
    if (w->batches[key] > (move->outcome == OUTCOME_FAILED ? 0u : 1u))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (!changes_name(&r) || r.outcome == OUTCOME_FAILED)
            continue;
        if (!source || r.type == OPERATION_DELETE || r.outcome == OUTCOME_UNKNOWN ||
            r.finish >= move->invoke)
            return false;
        there = true;
    }
    return there == source;
}

static void look_at_reads(work *w, uint32_t key, bool source, const history_record *move)
{
    record_list list = index_of_key(w->in->index, key);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (reads_name(&r) && r.invoke > move->invoke)
            add_look(w, &r, list.records[i], ((r.flags & FLAG_ABSENT) != 0) == source);
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

static void look_at_listings(work *w, uint32_t key, bool source, const history_record *move)
{
    record_list lists = index_of_type(w->in->index, OPERATION_LIST);
    for (size_t i = 0; i < lists.count; i++) {
        history_record r = history_get(w->in->history, lists.records[i]);
        if (r.outcome != OUTCOME_OK || r.invoke <= move->invoke || !starts_with(w->in, key, r.key))
            continue;
        bool there = listed(w->in, index_parts(w->in->index, lists.records[i]), key);
        add_look(w, &r, lists.records[i], there != source);
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
    if (!finding_violate(w->out, other->finish, "%s", what))
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
            if (w->looks[k].record == now->record && w->looks[k].moved != now->moved)
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
            if (part.type != PART_MOVE || !telling(w, key, source, &move))
                continue;
            look_at_reads(w, key, source, &move);
            look_at_listings(w, key, source, &move);
        }
    }
    w->out->examined += w->look_count;
    judge_looks(w, record, &move);
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {.in = in, .out = out};
    count_batches(&w);
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++)
        judge_batch(&w, moves.records[i]);
    free(w.batches);
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
