/* recovery: after the last fault the target serves again within the scenario's quiet period. */
#include "base/units.h"
#include "judges/evidence.h"

/* A target that never worked has nothing to recover to: such a run is invalid, not failed. */
static bool ever_worked(const judge_input *in)
{
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        record_list list = index_of_type(in->index, type);
        for (size_t i = 0; type != OPERATION_READY && i < list.count; i++) {
            history_record r = history_get(in->history, list.records[i]);
            if (r.outcome == OUTCOME_OK && !(r.flags & FLAG_ABSENT))
                return true;
        }
    }
    return false;
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list events = index_events(in->index);
    char text[32];
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type != EVENT_QUIET && r.type != EVENT_QUIET_FAILED)
            continue;
        out->examined++;
        units_show_duration(r.value, text);
        if (r.type == EVENT_QUIET)
            finding_hold(out, "steady again %s after the load and the last fault ended", text);
        else if (!ever_worked(in))
            finding_doubt(
                out, "no operation ever succeeded, so there was no steady state to come back to");
        else if (finding_violate(out, r.invoke, "not steady again %s after the last fault: %.200s",
                                 text, history_text(in->history, r.detail)))
            finding_step(out, r.invoke, events.records[i], "%.4f s  the wait for it was given up",
                         evidence_seconds(r.invoke));
        return;
    }
    finding_doubt(out, "the run ended before the quiet period");
}

const judge judge_recovery = {
    .name = "recovery",
    .definition = "Within the quiet period after the last fault the target says that it is ready "
                  "and answers ten operations "
                  "in a row. Always on.",
    .needs = "a run that came to its quiet period",
    .examine = examine,
};
