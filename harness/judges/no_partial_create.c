/* no-partial-create: the name of an upload or write that failed can be used again at once.
 *
 * A refusal (409, 423) of an unconditional put or of a new upload is a violation when nothing else
 * can hold the name: no other write or open upload of it. Not a violation: a conflict with an
 * operation that may still run, or with an upload that was neither completed nor cancelled. A put
 * that was answered has ended, also one answered with 500: it may have taken effect, but it no
 * longer works on the name. */
#include <inttypes.h>

#include "judges/evidence.h"

static bool refused_as_taken(const history_record *r)
{
    bool creates = r->type == OPERATION_UPLOAD_CREATE ||
                   (r->type == OPERATION_PUT && !(r->flags & (FLAG_IF_MATCH | FLAG_IF_ABSENT)));
    return creates && r->outcome == OUTCOME_FAILED && (r->status == 409 || r->status == 423);
}

static bool upload_ended(const judge_input *in, record_list list, uint64_t value, uint64_t before)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        bool ends = r.type == OPERATION_UPLOAD_CANCEL || (r.flags & FLAG_COMPLETES);
        if (r.value == value && ends && r.outcome == OUTCOME_OK && r.finish < before)
            return true;
    }
    return false;
}

/* A gateway answers for a target that may work on. */
static bool ended_before(const history_record *r, uint64_t time)
{
    bool answered = r->failure == FAILURE_STATUS && r->status != 502 && r->status != 504;
    return r->type == OPERATION_PUT && answered && r->finish < time;
}

/* The failed creation that is to blame; SIZE_MAX when something may rightly hold the name. */
static size_t failed_before(const judge_input *in, record_list list, const history_record *refused)
{
    size_t failed = SIZE_MAX;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        bool creates = r.type == OPERATION_UPLOAD_CREATE || r.type == OPERATION_PUT;
        bool same = r.client == refused->client && r.sequence == refused->sequence;
        if (same || r.invoke > refused->finish ||
            (!changes_name(&r) && r.type != OPERATION_UPLOAD_CREATE &&
             r.type != OPERATION_UPLOAD_PATCH))
            continue;
        bool ended = ended_before(&r, refused->invoke);
        if (!ended && may_act_between(&r, refused->invoke, refused->finish))
            return SIZE_MAX;
        if (r.type == OPERATION_UPLOAD_CREATE && r.outcome != OUTCOME_FAILED &&
            !upload_ended(in, list, r.value, refused->invoke))
            return SIZE_MAX;
        bool broken = ended || r.outcome == OUTCOME_FAILED || r.type == OPERATION_UPLOAD_CREATE;
        if (creates && broken && r.finish < refused->invoke)
            failed = list.records[i];
    }
    return failed;
}

static void examine(const judge_input *in, judge_finding *out)
{
    static const unsigned creations[] = {OPERATION_PUT, OPERATION_UPLOAD_CREATE};
    for (size_t t = 0; t < sizeof creations / sizeof creations[0]; t++) {
        record_list list = index_of_type(in->index, creations[t]);
        for (size_t i = 0; i < list.count; i++) {
            history_record r = history_get(in->history, list.records[i]);
            out->examined++;
            if (!refused_as_taken(&r))
                continue;
            size_t cause = failed_before(in, index_of_key(in->index, r.key), &r);
            if (cause == SIZE_MAX ||
                !finding_violate(out, r.finish,
                                 "'%.120s' cannot be created (status %u) after an earlier "
                                 "creation of it ended",
                                 history_text(in->history, r.key), r.status))
                continue;
            evidence_show(in, out, cause);
            evidence_show(in, out, list.records[i]);
        }
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "nothing was created");
    else
        finding_hold(out, "none of %" PRIu64 " creations was refused because of an earlier failure",
                     out->examined);
}

const judge judge_no_partial_create = {
    .name = "no-partial-create",
    .definition =
        "The name of a failed, cancelled or completed creation can be used again at once.",
    .needs = "puts or uploads",
    .examine = examine,
};
