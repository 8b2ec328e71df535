/* latency: the stated percentile of successful operations stays within the stated time, measured
 * from the intended start, so that a stalled target cannot hide behind clients that wait for it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "history/operations.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"most", PARAMETER_DURATION, NULL, "the longest that the percentile may take", NULL},
    {"percentile", PARAMETER_REAL, "99", "which percentile, 0 to 100", NULL},
    {"operation", PARAMETER_TEXT, "all", "which operation; all: each type by itself", NULL},
};
enum { MOST, PERCENTILE, OPERATION };

#define SAMPLES_LEAST 100 /* fewer say nothing about a tail */

typedef struct {
    uint64_t length;
    uint32_t record;
} timed;

static int by_length(const void *a, const void *b)
{
    uint64_t x = ((const timed *)a)->length;
    uint64_t y = ((const timed *)b)->length;
    return (x > y) - (x < y);
}

static size_t take_times(const judge_input *in, record_list list, timed *out)
{
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.outcome == OUTCOME_OK && r.finish != HISTORY_NEVER && !(r.flags & FLAG_FINAL))
            out[count++] = (timed){r.finish - r.invoke + r.late, list.records[i]};
    }
    history_release(in->history);
    qsort(out, count, sizeof *out, by_length);
    return count;
}

static void judge_type(const judge_input *in, judge_finding *out, unsigned type)
{
    record_list list = index_of_type(in->index, type);
    timed *times = memory_take((list.count + 1) * sizeof *times);
    size_t count = take_times(in, list, times);
    double percentile = in->values[PERCENTILE].real;
    if (count >= SAMPLES_LEAST) {
        double place = percentile / 100 * (double)count;
        size_t at = place < 1 ? 0 : (size_t)place;
        if (at >= count)
            at = count - 1;
        char real[32], most[32];
        out->examined += count;
        if (times[at].length > in->values[MOST].number &&
            finding_violate(out, history_get(in->history, times[at].record).finish,
                            "p%g of %s took %s; %s is allowed", percentile,
                            operation_row_of(type)->name,
                            units_show_duration(times[at].length, real),
                            units_show_duration(in->values[MOST].number, most)))
            evidence_show(in, out, times[at].record);
    }
    free(times);
}

static void examine(const judge_input *in, judge_finding *out)
{
    const char *wanted = in->values[OPERATION].text;
    bool all = wanted == NULL || strcmp(wanted, "all") == 0;
    for (unsigned type = 1; type < OPERATION_COUNT; type++)
        if (all || type == operation_named(wanted))
            judge_type(in, out, type);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no operation type had %d successful samples", SAMPLES_LEAST);
    else
        finding_hold(out, "p%g of %" PRIu64 " operations is within its bound, each type by itself",
                     in->values[PERCENTILE].real, out->examined);
}

const judge judge_latency = {
    .name = "latency",
    .definition = "The stated percentile of each operation type's time from intended start to "
                  "answer is within the stated bound.",
    .needs = "at least 100 successful operations of a type",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
