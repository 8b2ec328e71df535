/* cas-exclusive: of all conditional writes on the same state of a name at most one succeeds.
 *
 * Not a violation: unknown outcomes, two creations with a delete or a move away that may have come
 * between, ETags that a restore or a move may have brought back. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/changes.h"
#include "judges/evidence.h"

typedef struct {
    uint64_t expected; /* 0: the name had to be free */
    uint64_t finish;
    uint32_t record;
} success;

static int by_expected(const void *a, const void *b)
{
    const success *x = a;
    const success *y = b;
    if (x->expected != y->expected)
        return x->expected > y->expected ? 1 : -1;
    return (x->finish > y->finish) - (x->finish < y->finish);
}

static void judge_pair(const judge_input *in, judge_finding *out, const change_list *changes,
                       const success *one, const success *other)
{
    history_record a = history_get(in->history, one->record);
    history_record b = history_get(in->history, other->record);
    bool creates = one->expected == 0;
    uint64_t from = a.invoke < b.invoke ? a.invoke : b.invoke;
    uint64_t seen = a.finish > b.finish ? a.finish : b.finish;
    if (creates && changes_may_remove(changes, from, seen))
        return;
    if (!finding_violate(out, seen,
                         "'%.120s': two conditional writes both succeeded on %s, %" PRIu32
                         "/%" PRIu32 " and %" PRIu32 "/%" PRIu32,
                         history_text(in->history, a.key),
                         creates ? "the name being free" : "the same ETag", a.client, a.sequence,
                         b.client, b.sequence))
        return;
    evidence_show(in, out, one->record);
    evidence_show(in, out, other->record);
}

static void judge_name(const judge_input *in, judge_finding *out, uint32_t key)
{
    change_list changes = changes_of_name(in, key);
    success *successes = memory_take((changes.count + 1) * sizeof *successes);
    size_t count = 0;
    for (size_t i = 0; i < changes.count; i++) {
        history_record r = history_get(in->history, changes.all[i].record);
        if (r.type != OPERATION_PUT || r.outcome != OUTCOME_OK)
            continue;
        if (r.flags & FLAG_IF_ABSENT)
            successes[count++] = (success){0, r.finish, changes.all[i].record};
        else if ((r.flags & FLAG_IF_MATCH) && r.expected != 0 && changes.carried == 0)
            successes[count++] = (success){r.expected, r.finish, changes.all[i].record};
    }
    out->examined += count;
    qsort(successes, count, sizeof *successes, by_expected);
    for (size_t i = 1; i < count; i++)
        if (successes[i].expected == successes[i - 1].expected)
            judge_pair(in, out, &changes, &successes[i - 1], &successes[i]);
    changes_free(&changes);
    free(successes);
}

static void examine(const judge_input *in, judge_finding *out)
{
    for (uint32_t key = 1; key <= index_key_count(in->index); key++)
        judge_name(in, out, key);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no conditional write succeeded");
    else
        finding_hold(out, "%" PRIu64 " conditional writes succeeded, each on a state of its own",
                     out->examined);
}

const judge judge_cas_exclusive = {
    .name = "cas-exclusive",
    .definition = "At most one conditional write succeeds for each (name, ETag), and at most one "
                  "creation of a name between two deletes.",
    .needs = "successful conditional writes",
    .examine = examine,
};
