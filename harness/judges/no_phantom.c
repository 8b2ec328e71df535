/* no-phantom: what certainly failed is never seen.
 *
 * Not a violation: the value of an unknown write, at any later time; an upload whose completing
 * request failed but another one of it did not (upload-visibility judges uploads). */
#include <inttypes.h>

#include "judges/evidence.h"

static const unsigned reads[] = {OPERATION_GET, OPERATION_GET_RANGE, OPERATION_GET_VERSION,
                                 OPERATION_SHARE_GET};

static uint64_t failed_writes(const judge_input *in)
{
    static const unsigned writes[] = {OPERATION_PUT, OPERATION_UPLOAD_CREATE};
    uint64_t failed = 0;
    for (size_t t = 0; t < sizeof writes / sizeof writes[0]; t++) {
        record_list list = index_of_type(in->index, writes[t]);
        for (size_t i = 0; i < list.count; i++)
            failed += history_get(in->history, list.records[i]).outcome == OUTCOME_FAILED;
    }
    return failed;
}

static void judge_read(const judge_input *in, judge_finding *out, uint32_t record)
{
    history_record r = history_get(in->history, record);
    if (r.outcome == OUTCOME_FAILED || r.value == 0 || (r.flags & FLAG_ABSENT))
        return;
    size_t writer = index_writer(in->index, r.value);
    if (writer == SIZE_MAX)
        return;
    out->examined++;
    history_record w = history_get(in->history, writer);
    if (w.outcome != OUTCOME_FAILED)
        return;
    if (!finding_violate(out, r.finish,
                         "'%.120s' shows write %" PRIu32 "/%" PRIu32
                         ", which was refused with status %u",
                         history_text(in->history, r.key), w.client, w.sequence, w.status))
        return;
    evidence_show(in, out, writer);
    evidence_show(in, out, record);
}

static void examine(const judge_input *in, judge_finding *out)
{
    for (size_t t = 0; t < sizeof reads / sizeof reads[0]; t++) {
        record_list list = index_of_type(in->index, reads[t]);
        for (size_t i = 0; i < list.count; i++)
            judge_read(in, out, list.records[i]);
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no read brought content that names its write");
    else
        finding_hold(out,
                     "%" PRIu64 " writes certainly failed; none of %" PRIu64 " reads shows one",
                     failed_writes(in), out->examined);
}

const judge judge_no_phantom = {
    .name = "no-phantom",
    .definition = "The content of a write that certainly failed is never seen.",
    .needs = "reads whose content names its write",
    .examine = examine,
};
