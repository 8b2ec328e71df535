/* linearizable: the operations on each name fit one order that real time allows.
 *
 * Not a violation: anything an unknown write may explain, at any time after it began; a delete of
 * what was already gone; content too short to name its write; equal stamps (they overlap). Names
 * that moves touch are atomic-move's business. A refused conditional write (412) is not used: it
 * says only that something else was current. Heads say only whether the name was there when it was
 * not. Restored content is told apart by its version number. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"
#include "judges/register.h"

typedef struct {
    const judge_input *in;
    record_list list;
    uint32_t *ids; /* by position in the list: the value that this operation wrote; 0: none */
    uint32_t id_most;
    register_step *steps;
    size_t step_count;
    bool restored;
} name_work;

static size_t position_of(const name_work *w, size_t record)
{
    size_t low = 0;
    size_t high = w->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->list.records[middle] < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->list.count && w->list.records[low] == record ? low : SIZE_MAX;
}

static uint32_t id_at(name_work *w, size_t position)
{
    if (w->ids[position] == 0)
        w->ids[position] = ++w->id_most;
    return w->ids[position];
}

/* The value's number; REGISTER_ANY when its write is not among this name's operations. */
static uint32_t id_of(name_work *w, uint64_t value)
{
    size_t record = value != 0 ? index_writer(w->in->index, value) : SIZE_MAX;
    size_t position = record != SIZE_MAX ? position_of(w, record) : SIZE_MAX;
    return position != SIZE_MAX ? id_at(w, position) : REGISTER_ANY;
}

static uint32_t condition_of(name_work *w, const history_record *r)
{
    if (r->flags & FLAG_IF_ABSENT)
        return REGISTER_ABSENT;
    return (r->flags & FLAG_IF_MATCH) && !w->restored ? id_of(w, r->expected) : REGISTER_ANY;
}

static void add_step(name_work *w, const history_record *r, uint32_t record, bool writes,
                     uint32_t value)
{
    w->steps[w->step_count++] =
        (register_step){.invoke = r->invoke,
                        .finish = writes ? effect_until(r) : r->finish,
                        .value = value,
                        .expected = writes && value != 0 ? condition_of(w, r) : REGISTER_ANY,
                        .record = record,
                        .writes = writes};
}

/* Several requests may each have been the one that completed an upload: it happened in one of them.
 */
static void add_completion(name_work *w, const history_record *r, uint32_t record)
{
    uint32_t id = id_of(w, r->value);
    if (id == REGISTER_ANY)
        return;
    for (size_t i = 0; i < w->step_count; i++) {
        register_step *known = &w->steps[i];
        if (!known->writes || known->value != id)
            continue;
        if (r->invoke < known->invoke)
            known->invoke = r->invoke;
        if (r->outcome == OUTCOME_OK &&
            (known->finish == HISTORY_NEVER || r->finish > known->finish))
            known->finish = r->finish;
        return;
    }
    add_step(w, r, record, true, id);
}

/* Among restores a read is known by its version number. */
static uint32_t id_by_version(name_work *w, const history_record *read)
{
    uint32_t by_value = id_of(w, read->value);
    for (size_t i = 0; i < w->list.count; i++) {
        history_record r = history_get(w->in->history, w->list.records[i]);
        if (!changes_name(&r) || r.outcome == OUTCOME_FAILED || r.version == 0 ||
            r.version != read->version)
            continue;
        return r.type == OPERATION_UPLOAD_PATCH ? id_of(w, r.value) : id_at(w, i);
    }
    size_t writer = index_writer(w->in->index, read->value);
    if (writer == SIZE_MAX || history_get(w->in->history, writer).outcome != OUTCOME_UNKNOWN)
        return REGISTER_ANY;
    /* It may be that write, or an unknown restore of it. */
    for (size_t i = 0; i < w->list.count; i++) {
        history_record r = history_get(w->in->history, w->list.records[i]);
        if (r.type == OPERATION_RESTORE && r.outcome == OUTCOME_UNKNOWN)
            return REGISTER_ANY;
    }
    return by_value;
}

static void add_operation(name_work *w, size_t position)
{
    uint32_t record = w->list.records[position];
    history_record r = history_get(w->in->history, record);
    if (reads_name(&r)) {
        if (r.flags & FLAG_ABSENT) {
            add_step(w, &r, record, false, REGISTER_ABSENT);
            return;
        }
        uint32_t id = w->restored ? id_by_version(w, &r) : id_of(w, r.value);
        if (r.value != 0 && id != REGISTER_ANY)
            add_step(w, &r, record, false, id);
        return;
    }
    if (!changes_name(&r) || r.outcome == OUTCOME_FAILED)
        return;
    if (r.type == OPERATION_DELETE)
        add_step(w, &r, record, !(r.flags & FLAG_ABSENT), REGISTER_ABSENT);
    else if (r.type == OPERATION_UPLOAD_PATCH)
        add_completion(w, &r, record);
    else
        add_step(w, &r, record, true, id_at(w, position));
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
    /* Whose values they are, where only reads show them. */
    for (size_t i = 0; i < answer->step_count; i++) {
        history_record r = history_get(w->in->history, w->steps[answer->steps[i]].record);
        size_t writer =
            reads_name(&r) && r.value != 0 ? index_writer(w->in->index, r.value) : SIZE_MAX;
        bool shown = writer == SIZE_MAX;
        for (size_t k = 0; k < out->evidence_count; k++)
            shown = shown || out->evidence[k] == writer;
        if (!shown)
            evidence_show(w->in, out, writer);
    }
}

/* True unless the bound was hit. */
static bool judge_name(const judge_input *in, judge_finding *out, uint32_t key)
{
    name_work w = {.in = in, .list = index_of_key(in->index, key)};
    w.restored = has_operation(in, w.list, OPERATION_RESTORE);
    w.ids = memory_zeroed(w.list.count, sizeof *w.ids);
    w.steps = memory_take(w.list.count * sizeof *w.steps);
    for (size_t i = 0; i < w.list.count; i++)
        add_operation(&w, i);
    out->examined += w.step_count;
    register_answer answer = register_judge(w.steps, w.step_count, w.id_most);
    if (answer.kind != REGISTER_FITS && answer.kind != REGISTER_OPEN)
        report(&w, out, key, &answer);
    free(w.ids);
    free(w.steps);
    return answer.kind != REGISTER_OPEN;
}

static void examine(const judge_input *in, judge_finding *out)
{
    unsigned char *moved = moved_names(in);
    uint64_t names = 0;
    uint64_t open = 0;
    uint32_t first_open = 0;
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        if (moved[key] || index_of_key(in->index, key).count == 0)
            continue;
        names++;
        if (judge_name(in, out, key))
            continue;
        first_open = open++ == 0 ? key : first_open;
    }
    free(moved);
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
    .definition = "The puts, gets, heads, deletes, conditional puts and restores of each name fit "
                  "one order that respects real time.",
    .needs = "reads and writes of the same names",
    .examine = examine,
};
