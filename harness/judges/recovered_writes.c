/* recovered-writes: an unknown write that somebody saw stays, over restarts too.
 *
 * Not a violation: a later read that sees a write which may be newer, absence that a delete may
 * explain, an old value that a restore may have brought back, names that moves touch. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

/* An unknown write, from when on it was certainly there. */
typedef struct {
    uint64_t seen;
    uint64_t invoke; /* the latest of all seen by then */
    uint32_t write;  /* whose that is */
    uint32_t read;   /* who saw it */
} recovered;

static int by_seen(const void *a, const void *b)
{
    uint64_t x = ((const recovered *)a)->seen;
    uint64_t y = ((const recovered *)b)->seen;
    return (x > y) - (x < y);
}

static size_t find_recovered(const judge_input *in, record_list list, recovered *out)
{
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        size_t writer =
            reads_name(&r) && r.value != 0 ? index_writer(in->index, r.value) : SIZE_MAX;
        if (writer == SIZE_MAX)
            continue;
        history_record w = history_get(in->history, writer);
        if (w.type == OPERATION_PUT && w.outcome == OUTCOME_UNKNOWN && w.key == r.key)
            out[count++] = (recovered){r.finish, w.invoke, (uint32_t)writer, list.records[i]};
    }
    qsort(out, count, sizeof *out, by_seen);
    for (size_t i = 1; i < count; i++) {
        if (out[i - 1].invoke > out[i].invoke) {
            out[i].invoke = out[i - 1].invoke;
            out[i].write = out[i - 1].write;
            out[i].read = out[i - 1].read;
        }
    }
    return count;
}

static const recovered *latest_before(const recovered *all, size_t count, uint64_t time)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle].seen < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &all[low - 1] : NULL;
}

static bool may_follow(const judge_input *in, record_list list, unsigned type, uint64_t from,
                       uint64_t to)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type == type && may_act_between(&r, from, to))
            return true;
    }
    return false;
}

/* Is what was read certainly from before the recovered write? */
static bool older(const judge_input *in, record_list list, const history_record *read,
                  const recovered *known)
{
    if (read->flags & FLAG_ABSENT)
        return !may_follow(in, list, OPERATION_DELETE, known->invoke, read->finish);
    size_t writer = read->value != 0 ? index_writer(in->index, read->value) : SIZE_MAX;
    if (writer == SIZE_MAX || may_follow(in, list, OPERATION_RESTORE, known->invoke, read->finish))
        return false;
    history_record seen = history_get(in->history, writer);
    return seen.type == OPERATION_PUT && seen.outcome == OUTCOME_OK && seen.finish < known->invoke;
}

static void judge_name(const judge_input *in, judge_finding *out, record_list list)
{
    recovered *all = memory_take(list.count * sizeof *all);
    size_t count = find_recovered(in, list, all);
    out->examined += count;
    for (size_t i = 0; i < list.count && count > 0; i++) {
        history_record r = history_get(in->history, list.records[i]);
        const recovered *known = reads_name(&r) ? latest_before(all, count, r.invoke) : NULL;
        if (known == NULL || !older(in, list, &r, known))
            continue;
        if (!finding_violate(out, r.finish,
                             "'%.120s': an unknown write was seen and then was gone again",
                             history_text(in->history, r.key)))
            continue;
        evidence_show(in, out, known->write);
        evidence_show(in, out, known->read);
        evidence_show(in, out, list.records[i]);
    }
    free(all);
}

static void examine(const judge_input *in, judge_finding *out)
{
    unsigned char *moved = moved_names(in);
    for (uint32_t key = 1; key <= index_key_count(in->index); key++)
        if (!moved[key] && index_of_key(in->index, key).count > 0)
            judge_name(in, out, index_of_key(in->index, key));
    free(moved);
    if (out->violations == 0)
        finding_hold(out, "%" PRIu64 " reads saw unknown writes, all of which stayed",
                     out->examined);
}

const judge judge_recovered_writes = {
    .name = "recovered-writes",
    .definition = "A write with an unknown outcome that a read has shown is never undone.",
    .needs = "unknown writes that were read; without any it holds",
    .examine = examine,
};
