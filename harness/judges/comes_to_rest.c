/* comes-to-rest: when everybody has gone, the target has nothing to do and does nothing.
 *
 * What it used of a processor between two samples at least a second apart, both after the load and
 * its grace, is compared with that time. The idlest such stretch counts: the final reads lie in
 * between, and what a target does now and then is no violation. Time on a processor is the
 * target's own, however busy the machine is. */
#include <inttypes.h>

#include "base/timing.h"
#include "judges/evidence.h"
#include "judges/index.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "0s", "after the load, for what may live until a time-out", NULL},
    {"share", PARAMETER_FRACTION, "20%", "of one processor that it may use at rest", NULL},
};
enum { GRACE, SHARE };

#define STRETCH NANOSECONDS_PER_SECOND

typedef struct {
    double share;
    size_t from;
    size_t to;
    uint64_t stretches;
} idlest;

/* Of one process: who was started anew counts anew. */
static void compare(const judge_input *in, idlest *found, size_t from, size_t to)
{
    history_record first = history_get(in->history, from);
    history_record last = history_get(in->history, to);
    if (first.sequence == 0 || last.sequence == 0 || last.size < first.size ||
        last.invoke - first.invoke < STRETCH)
        return;
    uint64_t used = (last.size - first.size) * (NANOSECONDS_PER_MILLISECOND / 1000);
    double share = (double)used / (double)(last.invoke - first.invoke);
    if (found->stretches++ == 0 || share < found->share) {
        found->share = share;
        found->from = from;
        found->to = to;
    }
}

static idlest find_idlest(const judge_input *in, uint64_t begin)
{
    idlest found = {0};
    record_list samples = index_samples(in->index);
    size_t first = 0;
    for (size_t i = 0; i < samples.count; i++) {
        uint64_t now = history_get(in->history, samples.records[i]).invoke;
        if (now < begin) {
            first = i + 1;
            continue;
        }
        /* The shortest stretch that ends here. */
        while (first + 1 < i &&
               now - history_get(in->history, samples.records[first + 1]).invoke >= STRETCH)
            first++;
        compare(in, &found, samples.records[first], samples.records[i]);
    }
    return found;
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t end = index_event_at(in->index, EVENT_LOAD_END);
    idlest found = {0};
    if (end != HISTORY_NEVER)
        found = find_idlest(in, end + in->values[GRACE].number);
    out->examined = found.stretches;
    if (found.stretches == 0) {
        finding_doubt(out, "no two samples a second apart after the load and its grace");
        return;
    }
    if (found.share <= in->values[SHARE].real) {
        finding_hold(out, "it used %.1f %% of a processor when everybody had gone",
                     found.share * 100);
        return;
    }
    finding_violate(out, history_get(in->history, found.to).invoke,
                    "with nobody there it never used less than %.1f %% of a processor in a second; "
                    "%.1f %% are allowed",
                    found.share * 100, in->values[SHARE].real * 100);
    evidence_show(in, out, found.from);
    evidence_show(in, out, found.to);
}

const judge judge_comes_to_rest = {
    .name = "comes-to-rest",
    .definition = "After the load and its grace there is a second in which the target uses no more "
                  "than the stated share of one processor.",
    .needs = "resource samples a second apart after the load: an idle time of two seconds or more",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
