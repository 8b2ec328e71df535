/* error-honesty: every refusal says what it is: an error code, our trace id, and a status that
 * fits; and nothing is called done during a fault that lost it.
 *
 * While no fault is on, 500, an answer that breaks the protocol and an answer cut short are
 * violations too. Not a violation: heads without a code (they have no body), refusals of invalid
 * requests, anything broken while a fault is on, absence that a delete or a move may explain. What
 * the log and the metrics say is judged by errors-logged and counts-agree. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "judges/changes.h"
#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "2s", "after a fault's end, in which 500 is still excused", NULL},
};
enum { GRACE };

static const char *dishonesty(const judge_input *in, const fault_windows *faults,
                              const history_record *r)
{
    const char *text = history_text(in->history, r->detail);
    bool silent = r->type == OPERATION_HEAD || r->type == OPERATION_UPLOAD_HEAD;
    if (r->failure == FAILURE_STATUS && !silent) {
        if (strstr(text, "no-trace") != NULL)
            return "did not carry the trace id back";
        if (text[0] == '\0')
            return "has no error code";
    }
    bool broken = r->failure == FAILURE_MALFORMED || r->failure == FAILURE_TRUNCATED ||
                  (r->failure == FAILURE_STATUS && r->status == 500);
    if (broken && !fault_windows_touch(faults, r->invoke, r->finish))
        return r->failure == FAILURE_STATUS ? "is 500 while no fault is on"
                                            : "is broken while no fault is on";
    return NULL;
}

/* Whether a final read shows that the name's content is gone; `*at` is the read. */
static bool gone_at_end(const judge_input *in, uint32_t key, const change_list *changes,
                        const change *last, size_t *at)
{
    record_list list = index_of_key(in->index, key);
    bool gone = false;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type != OPERATION_GET || !(r.flags & FLAG_FINAL))
            continue;
        bool absent = (r.flags & FLAG_ABSENT) != 0;
        if (r.outcome == OUTCOME_OK && !absent)
            return false;
        bool broken = r.failure == FAILURE_STATUS || r.failure == FAILURE_TRUNCATED ||
                      r.failure == FAILURE_MALFORMED || r.failure == FAILURE_CONTENT;
        gone = absent ? !changes_may_remove(changes, last->invoke, r.finish) : broken;
        *at = list.records[i];
    }
    return gone;
}

/* The latest write of a name was called done while a fault was on. */
static void judge_promises(const judge_input *in, judge_finding *out, const fault_windows *faults,
                           uint32_t key)
{
    change_list changes = changes_of_name(in, key);
    const change *last = NULL;
    size_t read = 0;
    for (size_t i = 0; i < changes.count; i++) {
        const change *c = &changes.all[i];
        if (c->finish != HISTORY_NEVER && (last == NULL || c->invoke > last->invoke))
            last = c;
    }
    if (last != NULL && !last->removes && fault_windows_touch(faults, last->invoke, last->finish) &&
        gone_at_end(in, key, &changes, last, &read) &&
        finding_violate(out, history_get(in->history, read).finish,
                        "'%.120s' was called done during a fault that lost it",
                        history_text(in->history, key))) {
        evidence_show(in, out, last->record);
        evidence_show(in, out, read);
    }
    changes_free(&changes);
}

static void examine(const judge_input *in, judge_finding *out)
{
    fault_windows faults = fault_windows_find(in, in->values[GRACE].number);
    uint64_t operations = 0;
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (r.kind != RECORD_OPERATION || r.type == OPERATION_GARBAGE || r.type == OPERATION_READY)
            continue;
        operations++;
        if (r.outcome == OUTCOME_OK)
            continue;
        out->examined++;
        const char *what = dishonesty(in, &faults, &r);
        if (what != NULL && finding_violate(out, r.finish, "the answer for '%.120s' (status %u) %s",
                                            history_text(in->history, r.key), r.status, what))
            evidence_show(in, out, i);
    }
    for (uint32_t key = 1; key <= index_key_count(in->index) && faults.count > 0; key++)
        judge_promises(in, out, &faults, key);
    free(faults.windows);
    if (out->violations > 0)
        return;
    if (operations == 0)
        finding_doubt(out, "there were no operations");
    else
        finding_hold(out, "%" PRIu64 " of %" PRIu64 " operations were not ok, and each says why",
                     out->examined, operations);
}

const judge judge_error_honesty = {
    .name = "error-honesty",
    .definition = "Every refusal has an error code, our trace id and a fitting status; while no "
                  "fault is on no answer is 500, malformed or cut short; no write is acknowledged "
                  "during a fault that lost it.",
    .needs = "operations",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
