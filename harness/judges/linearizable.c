/* linearizable: the operations on each name fit one order that real time allows.
 *
 * Not a violation: anything an unknown write may explain, at any time after it began; a delete of
 * what was already gone; content too short to name its write; equal stamps (they overlap). A
 * refused conditional write (412) is not used: it says only that something else was current. Heads
 * say only whether the name was there when it was not. Restored and moved content is told apart by
 * its version number, or where only one operation can have brought it; else the read is not used. A
 * move counts for each of its names by itself: it reads and deletes its source and writes its end;
 * that all of them happen at one moment is atomic-move's business. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/changes.h"
#include "judges/evidence.h"
#include "judges/register.h"

/* What a move brought to its end, as reads there show: it was at its source when it moved. */
typedef struct {
    uint32_t part;
    uint64_t value;
    uint64_t seen; /* when the read ended that shows it */
} moved_content;

typedef struct {
    const judge_input *in;
    moved_content *contents; /* by part */
    size_t content_count;
} moved_contents;

typedef struct {
    const judge_input *in;
    record_list list;
    change_list changes; /* the number of a value is its change's position + 1 */
    register_step *steps;
    size_t step_count;
} name_work;

static uint32_t condition_of(const name_work *w, const history_record *r)
{
    if (r->type != OPERATION_PUT)
        return REGISTER_ANY;
    if (r->flags & FLAG_IF_ABSENT)
        return REGISTER_ABSENT;
    if (!(r->flags & FLAG_IF_MATCH) || w->changes.carried > 0)
        return REGISTER_ANY;
    size_t replaced = changes_writing(w->in, &w->changes, r->expected);
    return replaced == NO_CHANGE ? REGISTER_ANY : (uint32_t)replaced + 1;
}

static void add_change(name_work *w, size_t position)
{
    const change *c = &w->changes.all[position];
    history_record r = history_get(w->in->history, c->record);
    w->steps[w->step_count++] =
        (register_step){.invoke = c->invoke,
                        .finish = c->finish,
                        .value = c->removes ? REGISTER_ABSENT : (uint32_t)position + 1,
                        .expected = condition_of(w, &r),
                        .record = c->record,
                        .writes = true};
}

static void add_read(name_work *w, uint32_t record, const history_record *r)
{
    bool absent = (r->flags & FLAG_ABSENT) != 0;
    bool reads = reads_name(r) || (absent && r->type == OPERATION_DELETE);
    if (!reads || r->outcome != OUTCOME_OK || (!absent && r->value == 0))
        return;
    size_t shown = absent ? NO_CHANGE : changes_shown(w->in, &w->changes, r->value, r->version);
    if (!absent && shown == NO_CHANGE)
        return;
    w->steps[w->step_count++] =
        (register_step){.invoke = r->invoke,
                        .finish = r->finish,
                        .value = absent ? REGISTER_ABSENT : (uint32_t)shown + 1,
                        .expected = REGISTER_ANY,
                        .record = record};
}

/* --- what moves carry --- */

static int by_part(const void *a, const void *b)
{
    const moved_content *x = a;
    const moved_content *y = b;
    if (x->part != y->part)
        return x->part > y->part ? 1 : -1;
    return (x->seen > y->seen) - (x->seen < y->seen);
}

static void see_contents(moved_contents *m, uint32_t key, size_t *capacity)
{
    change_list changes = changes_of_name(m->in, key);
    record_list list = index_of_key(m->in->index, key);
    for (size_t i = 0; i < list.count && changes.carried > 0; i++) {
        history_record r = history_get(m->in->history, list.records[i]);
        if (!reads_name(&r) || r.value == 0 || (r.flags & FLAG_ABSENT))
            continue;
        size_t shown = changes_shown(m->in, &changes, r.value, r.version);
        if (shown == NO_CHANGE || !changes.all[shown].moved)
            continue;
        if (m->content_count == *capacity) {
            *capacity = *capacity * 2 + 64;
            m->contents = memory_resize(m->contents, *capacity * sizeof *m->contents);
        }
        m->contents[m->content_count++] =
            (moved_content){changes.all[shown].part, r.value, r.finish};
    }
    changes_free(&changes);
}

static moved_contents find_contents(const judge_input *in)
{
    moved_contents m = {.in = in};
    size_t capacity = 0;
    moved_list all = index_moves_of_key(in->index, 0);
    for (size_t i = 0; i < all.count; i++)
        if (!all.entries[i].source &&
            (i == 0 || all.entries[i - 1].key != all.entries[i].key || all.entries[i - 1].source))
            see_contents(&m, all.entries[i].key, &capacity);
    if (m.content_count > 0)
        qsort(m.contents, m.content_count, sizeof *m.contents, by_part);
    return m;
}

static const moved_content *content_of(const moved_contents *m, uint32_t part)
{
    size_t low = 0;
    size_t high = m->content_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->contents[middle].part < part)
            low = middle + 1;
        else
            high = middle;
    }
    return low < m->content_count && m->contents[low].part == part ? &m->contents[low] : NULL;
}

/* A move reads its source: what it brought was current there while it ran. */
static void add_departure(name_work *w, const moved_contents *m, const change *c)
{
    const moved_content *content = content_of(m, c->part);
    size_t shown =
        content != NULL ? changes_shown(w->in, &w->changes, content->value, 0) : NO_CHANGE;
    if (shown == NO_CHANGE ||
        (w->changes.all[shown].moved && w->changes.all[shown].part == c->part))
        return;
    w->steps[w->step_count++] =
        (register_step){.invoke = c->invoke,
                        .finish = c->finish < content->seen ? c->finish : content->seen,
                        .value = (uint32_t)shown + 1,
                        .expected = REGISTER_ANY,
                        .record = c->record};
}

static void add_steps(name_work *w, const moved_contents *moves)
{
    for (size_t i = 0; i < w->changes.count; i++)
        add_change(w, i);
    for (size_t i = 0; i < w->changes.count; i++)
        if (w->changes.all[i].moved && w->changes.all[i].removes)
            add_departure(w, moves, &w->changes.all[i]);
    for (size_t i = 0; i < w->list.count; i++) {
        if (i % HISTORY_HELD == HISTORY_HELD - 1)
            history_release(w->in->history);
        history_record r = history_get(w->in->history, w->list.records[i]);
        add_read(w, w->list.records[i], &r);
    }
    if (w->list.count > HISTORY_HELD)
        history_release(w->in->history);
}

static const char *kind_sentence(register_kind kind)
{
    static const char *const sentences[] = {
        [REGISTER_FITS] = "",
        [REGISTER_OPEN] = "",
        [REGISTER_UNWRITTEN] = "a value was seen that no write of this name can have put there",
        [REGISTER_EARLY] = "a value was seen before its write began",
        [REGISTER_SPLIT] = "two values were each current both before and after the other",
        [REGISTER_INSIDE] = "a value was current before and after a write that lies in between",
        [REGISTER_TWICE] = "two conditional writes both replaced the same value",
        [REGISTER_CHAIN] = "a conditional write's value was there before what it replaced had gone",
        [REGISTER_VANISHED] = "nothing was there, and no delete explains it",
        [REGISTER_NO_ORDER] = "no order of the operations explains what was seen",
    };
    return sentences[kind];
}

static void report(const name_work *w, judge_finding *out, uint32_t key,
                   const register_answer *answer)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < answer->step_count; i++) {
        const register_step *step = &w->steps[answer->steps[i]];
        uint64_t at = step->finish == HISTORY_NEVER ? step->invoke : step->finish;
        if (at > seen)
            seen = at;
    }
    if (!finding_violate(out, seen, "'%.120s' is not linearizable: %s",
                         history_text(w->in->history, key), kind_sentence(answer->kind)))
        return;
    for (size_t i = 0; i < answer->step_count; i++) {
        const register_step *step = &w->steps[answer->steps[i]];
        evidence_show(w->in, out, step->record);
    }
    /* What brought their values, where only reads show them. */
    for (size_t i = 0; i < answer->step_count; i++) {
        uint32_t value = w->steps[answer->steps[i]].value;
        if (value != REGISTER_ABSENT)
            evidence_show(w->in, out, w->changes.all[value - 1].record);
    }
}

/* True unless the bound was hit. */
static bool judge_name(const judge_input *in, judge_finding *out, const moved_contents *moves,
                       uint32_t key)
{
    name_work w = {.in = in, .list = index_of_key(in->index, key)};
    w.changes = changes_of_name(in, key);
    size_t most = w.list.count + 2 * index_moves_of_key(in->index, key).count;
    w.steps = memory_take((most + 1) * sizeof *w.steps);
    add_steps(&w, moves);
    out->examined += w.step_count;
    register_answer answer = register_judge(w.steps, w.step_count, (uint32_t)w.changes.count);
    if (answer.kind != REGISTER_FITS && answer.kind != REGISTER_OPEN)
        report(&w, out, key, &answer);
    changes_free(&w.changes);
    free(w.steps);
    return answer.kind != REGISTER_OPEN;
}

static void examine(const judge_input *in, judge_finding *out)
{
    moved_contents moves = find_contents(in);
    uint64_t names = 0;
    uint64_t open = 0;
    uint32_t first_open = 0;
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        if (index_of_key(in->index, key).count == 0)
            continue;
        names++;
        if (judge_name(in, out, &moves, key))
            continue;
        first_open = open++ == 0 ? key : first_open;
    }
    free(moves.contents);
    if (out->violations > 0)
        return;
    if (open > 0)
        finding_doubt(out, "the search gave up on %" PRIu64 " names, first '%.120s'", open,
                      history_text(in->history, first_open));
    else if (out->examined == 0)
        finding_doubt(out, "no operation wrote or read a name");
    else
        finding_hold(out, "%" PRIu64 " operations on %" PRIu64 " names fit one order each",
                     out->examined, names);
}

const judge judge_linearizable = {
    .name = "linearizable",
    .definition =
        "The puts, gets, heads, deletes, conditional puts, restores, finished uploads and "
        "moves of each name fit one order that respects real time.",
    .needs = "reads and writes of the same names",
    .examine = examine,
};
