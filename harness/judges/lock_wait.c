/* lock-wait: a busy target says so and does not hang: 503 comes with Retry-After, and while no
 * fault is on no operation waits longer than stated, whatever others do.
 *
 * Waits that touch a declared fault, a target that is down, or its grace have a bound of their own,
 * if any: who waits for a lock that somebody holds whom the fault holds must be told so. Not a
 * violation there: as many longer waits as the fault itself may hold. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"longest", PARAMETER_DURATION, "5s", "wait of one operation while no fault is on", NULL},
    {"grace", PARAMETER_DURATION, "2s", "after a fault's end, for the target to catch up", NULL},
    {"longest_in_fault", PARAMETER_DURATION, "0s", "wait of one operation during a fault; 0: any",
     NULL},
    {"held", PARAMETER_WHOLE, "0", "longer waits that the fault itself may cause", NULL},
};
enum { LONGEST, GRACE, LONGEST_IN_FAULT, HELD };

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

static void judge_waits_in_faults(const judge_input *in, judge_finding *out,
                                  const fault_windows *faults)
{
    uint64_t longest = in->values[LONGEST_IN_FAULT].number;
    uint64_t held = 0;
    char text[32];
    for (size_t i = 0; i < history_count(in->history) && longest > 0; i++) {
        history_record r = history_get(in->history, i);
        if (r.kind != RECORD_OPERATION || r.finish == HISTORY_NEVER ||
            r.finish - r.invoke <= longest || !fault_windows_touch(faults, r.invoke, r.finish) ||
            ++held <= in->values[HELD].number)
            continue;
        if (finding_violate(out, r.invoke + longest,
                            "more than %" PRIu64
                            " operations waited too long during a fault; one on '%.120s' %s",
                            in->values[HELD].number, history_text(in->history, r.key),
                            units_show_duration(r.finish - r.invoke, text)))
            evidence_show(in, out, i);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    fault_windows faults = fault_windows_find(in, in->values[GRACE].number);
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (r.kind == RECORD_OPERATION)
            judge_operation(in, out, &faults, i, &r);
    }
    judge_waits_in_faults(in, out, &faults);
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
                  "than stated; during one, if a bound is given, only as many as it may hold.",
    .needs = "operations",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
