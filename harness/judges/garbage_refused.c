/* garbage-refused: what no server may take is refused, and holds nobody up.
 *
 * Not a violation: closing the connection without a word, any well-formed 4xx or 5xx but 500,
 * anything that happens while a fault is on, what the end of the run cut short. */
#include <inttypes.h>
#include <stdlib.h>

#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "2s", "after a fault's end, in which it is still excused", NULL},
};
enum { GRACE };

static const char *wrong(const history_record *r)
{
    switch (r->failure) {
    case FAILURE_STATUS:
        return r->status == 500 ? "was answered with 500" : "was taken";
    case FAILURE_MALFORMED:
        return "was answered with something that is no answer";
    case FAILURE_TIMEOUT:
        return "was neither answered nor was its connection closed";
    default:
        return NULL;
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    fault_windows faults = fault_windows_find(in, in->values[GRACE].number);
    record_list list = index_of_type(in->index, OPERATION_GARBAGE);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        out->examined += r.outcome == OUTCOME_OK;
        const char *what = r.outcome == OUTCOME_OK ? NULL : wrong(&r);
        if (what == NULL || fault_windows_touch(&faults, r.invoke, r.finish))
            continue;
        out->examined++;
        if (finding_violate(out, r.finish, "garbage (%.80s) %s (status %u)",
                            history_text(in->history, r.key), what, r.status)) {
            evidence_show(in, out, list.records[i]);
            evidence_show_sent(in, out, list.records[i]);
        }
    }
    free(faults.windows);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no garbage was sent");
    else
        finding_hold(out, "%" PRIu64 " malformed or mutated requests were refused or answered",
                     out->examined);
}

const judge judge_garbage_refused = {
    .name = "garbage-refused",
    .definition =
        "A malformed request gets a well-formed refusal (4xx, or 5xx but not 500) or a "
        "closed connection in time; none is taken. A valid one with a few changes gets any "
        "well-formed answer.",
    .needs = "clients that send garbage",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
