/* lock-wait: a busy target says so and does not hang: 503 comes with Retry-After, and while no
 * fault is on no operation waits longer than stated, whatever others do.
 *
 * Not a violation: waits that touch a declared fault, a target that is down, or its grace. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"longest", PARAMETER_DURATION, "5s", "wait of one operation while no fault is on", NULL},
    {"grace", PARAMETER_DURATION, "2s", "after a fault's end, for the target to catch up", NULL},
};
enum { LONGEST, GRACE };

static void judge_operation(const judge_input *in, judge_finding *out, const fault_windows *faults,
                            size_t record, const history_record *r)
{
    out->examined++;
    if (r->status == 503 && r->type != OPERATION_READY && !(r->flags & FLAG_RETRYABLE) &&
        finding_violate(out, r->finish, "'%.120s' was refused with 503 without Retry-After",
                        history_text(in->history, r->key)))
        evidence_show(in, out, record);
    uint64_t wait = r->finish == HISTORY_NEVER ? 0 : r->finish - r->invoke;
    char text[32];
    if (wait > in->values[LONGEST].number && r->type != OPERATION_CHANGES &&
        !fault_windows_touch(faults, r->invoke, r->finish) &&
        finding_violate(out, r->invoke + in->values[LONGEST].number,
                        "an operation on '%.120s' waited %s while no fault was on",
                        history_text(in->history, r->key), units_show_duration(wait, text)))
        evidence_show(in, out, record);
}

static void examine(const judge_input *in, judge_finding *out)
{
    fault_windows faults = fault_windows_find(in, in->values[GRACE].number);
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (r.kind == RECORD_OPERATION)
            judge_operation(in, out, &faults, i, &r);
    }
    free(faults.windows);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "there were no operations");
    else
        finding_hold(out, "none of %" PRIu64 " operations hung, and every 503 said when to retry",
                     out->examined);
}

const judge judge_lock_wait = {
    .name = "lock-wait",
    .definition = "Every 503 has Retry-After, and while no fault is on no operation waits longer "
                  "than stated.",
    .needs = "operations",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
