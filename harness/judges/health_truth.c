/* health-truth: the target says that it is ready when and only when it serves.
 *
 * A ready answer is judged by the operations that began and ended close to it: "not ready" is a lie
 * when enough of them ran and all were ok; "ready" is one when enough ran and none was. Between
 * those nothing is said: a target may be on its way up or down. Refusals that are right (4xx) count
 * as served; connections that a fault broke count as nothing. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"around", PARAMETER_DURATION, "500ms", "how close operations must be to the answer", NULL},
    {"least", PARAMETER_WHOLE, "10", "operations that must be there to judge one answer", NULL},
};
enum { AROUND, LEAST };

typedef struct {
    uint64_t invoke;
    uint64_t finish;
    uint32_t record;
    bool served;
} served_operation;

static int by_finish(const void *a, const void *b)
{
    uint64_t x = ((const served_operation *)a)->finish;
    uint64_t y = ((const served_operation *)b)->finish;
    return (x > y) - (x < y);
}

static size_t take_operations(const judge_input *in, served_operation *out)
{
    size_t count = 0;
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_next(in->history, i);
        if (r.kind != RECORD_OPERATION || r.type == OPERATION_READY || r.type == OPERATION_GARBAGE)
            continue;
        if (r.outcome != OUTCOME_OK && r.status == 0 && r.failure != FAILURE_TIMEOUT)
            continue;
        bool served = r.outcome == OUTCOME_OK || (r.status >= 400 && r.status < 500);
        out[count++] = (served_operation){r.invoke, r.finish, (uint32_t)i, served};
    }
    qsort(out, count, sizeof *out, by_finish);
    return count;
}

static size_t first_ending(const served_operation *all, size_t count, uint64_t time)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle].finish < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void judge_answer_of(const judge_input *in, judge_finding *out, uint32_t record,
                            const served_operation *all, size_t count)
{
    history_record r = history_get(in->history, record);
    uint64_t around = in->values[AROUND].number;
    uint64_t from = r.invoke > around ? r.invoke - around : 0;
    uint64_t served = 0;
    uint64_t refused = 0;
    size_t example = SIZE_MAX;
    for (size_t i = first_ending(all, count, from); i < count && all[i].finish <= r.finish + around;
         i++) {
        if (all[i].invoke < from)
            continue;
        served += all[i].served;
        refused += !all[i].served;
        if (all[i].served == (r.size == 0))
            example = all[i].record;
    }
    if (served + refused < in->values[LEAST].number)
        return;
    out->examined++;
    bool lie = r.size == 0 ? refused == 0 : served == 0;
    char when[32];
    if (!lie ||
        !finding_violate(out, r.finish,
                         "at %s the target says that it is %s, but %s of %" PRIu64
                         " operations around were served",
                         units_show_duration(r.invoke, when), r.size == 0 ? "not ready" : "ready",
                         r.size == 0 ? "all" : "none", served + refused))
        return;
    evidence_show(in, out, record);
    if (example != SIZE_MAX)
        evidence_show(in, out, example);
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list list = index_of_type(in->index, OPERATION_READY);
    size_t most = list.count > 0 ? history_count(in->history) : 0;
    served_operation *all = memory_take((most + 1) * sizeof *all);
    size_t count = list.count > 0 ? take_operations(in, all) : 0;
    for (size_t i = 0; i < list.count; i++)
        if (history_get(in->history, list.records[i]).outcome == OUTCOME_OK)
            judge_answer_of(in, out, list.records[i], all, count);
    free(all);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no ready answer had %" PRIu64 " operations around it",
                      in->values[LEAST].number);
    else
        finding_hold(out, "%" PRIu64 " ready answers agree with the operations around them",
                     out->examined);
}

const judge judge_health_truth = {
    .name = "health-truth",
    .definition = "The target never says ready while every operation around fails, nor not ready "
                  "while every one is served.",
    .needs = "ready answers with operations around them",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
