/* upload-visibility: an upload's content is seen only once it can be complete; no piece is accepted
 * after completion; the offset told, by itself or in answer to a piece, is one that the pieces sent
 * can explain and never less than what was acknowledged.
 *
 * Not a violation: content seen while a completing request runs or after one with an unknown
 * outcome; offsets that an unknown piece may have moved; an upload that is gone. */
#include <inttypes.h>
#include <stdio.h>

#include "judges/evidence.h"

static void judge_read(const judge_input *in, judge_finding *out, uint32_t record)
{
    history_record r = history_get(in->history, record);
    size_t creator = reads_name(&r) && r.value != 0 ? index_writer(in->index, r.value) : SIZE_MAX;
    if (creator == SIZE_MAX)
        return;
    history_record create = history_get(in->history, creator);
    if (create.type != OPERATION_UPLOAD_CREATE)
        return;
    out->examined++;
    record_list list = index_of_key(in->index, create.key);
    for (size_t i = 0; i < list.count; i++) {
        history_record p = history_get(in->history, list.records[i]);
        if (p.type == OPERATION_UPLOAD_PATCH && p.value == r.value && (p.flags & FLAG_COMPLETES) &&
            p.outcome != OUTCOME_FAILED && p.invoke <= r.finish)
            return;
    }
    if (!finding_violate(out, r.finish, "'%.120s' shows an upload before it was complete",
                         history_text(in->history, r.key)))
        return;
    evidence_show(in, out, creator);
    evidence_show(in, out, record);
}

/* The offset after a piece; what the server said where it said it. */
static uint64_t offset_after(const judge_input *in, uint32_t record, const history_record *patch)
{
    part_range parts = index_parts(in->index, record);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record part = history_get(in->history, p);
        if (part.type == PART_ACCEPTED)
            return part.size;
    }
    return patch->expected + patch->size;
}

static void judge_offset(const judge_input *in, judge_finding *out, record_list list,
                         uint32_t record, const history_record *head)
{
    uint64_t least = 0;
    uint64_t most = 0;
    size_t witness = record;
    for (size_t i = 0; i < list.count; i++) {
        history_record p = history_get(in->history, list.records[i]);
        if (p.type != OPERATION_UPLOAD_PATCH || p.value != head->value ||
            p.outcome == OUTCOME_FAILED)
            continue;
        uint64_t after = offset_after(in, list.records[i], &p);
        if (p.outcome == OUTCOME_OK && p.finish < head->invoke && after > least) {
            least = after;
            witness = list.records[i];
        }
        uint64_t reach = p.expected + p.size > after ? p.expected + p.size : after;
        if (p.invoke <= head->finish && reach > most)
            most = reach;
    }
    out->examined++;
    if (head->expected >= least && head->expected <= most)
        return;
    char there[64];
    int used = snprintf(there, sizeof there, "%" PRIu64, least);
    if (most > least)
        snprintf(there + used, sizeof there - (size_t)used, " to %" PRIu64, most);
    if (!finding_violate(out, head->finish,
                         "'%.100s': an upload told offset %" PRIu64 ", but %s bytes are there",
                         history_text(in->history, head->key), head->expected, there))
        return;
    if (witness != record)
        evidence_show(in, out, witness);
    evidence_show(in, out, record);
}

/* Rivals' pieces may be behind the one that was just taken. */
static void judge_accepted(const judge_input *in, judge_finding *out, record_list list,
                           uint32_t record, const history_record *patch)
{
    uint64_t told = offset_after(in, record, patch);
    uint64_t most = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record p = history_get(in->history, list.records[i]);
        if (p.type == OPERATION_UPLOAD_PATCH && p.value == patch->value &&
            p.invoke <= patch->finish && p.expected + p.size > most)
            most = p.expected + p.size;
    }
    if (told <= most || !finding_violate(out, patch->finish,
                                         "'%.100s': a piece was answered with offset %" PRIu64
                                         ", but no more than %" PRIu64 " bytes were sent",
                                         history_text(in->history, patch->key), told, most))
        return;
    evidence_show(in, out, record);
}

static void judge_patch(const judge_input *in, judge_finding *out, record_list list,
                        uint32_t record, const history_record *patch)
{
    out->examined++;
    for (size_t i = 0; i < list.count; i++) {
        history_record done = history_get(in->history, list.records[i]);
        if (done.type != OPERATION_UPLOAD_PATCH || done.value != patch->value ||
            !(done.flags & FLAG_COMPLETES) || done.outcome != OUTCOME_OK ||
            done.finish >= patch->invoke || patch->size == 0)
            continue;
        if (finding_violate(out, patch->finish, "'%.120s': an upload took a piece after completion",
                            history_text(in->history, patch->key))) {
            evidence_show(in, out, list.records[i]);
            evidence_show(in, out, record);
        }
        return;
    }
}

static void judge_name(const judge_input *in, judge_finding *out, record_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        judge_read(in, out, list.records[i]);
        if (r.outcome != OUTCOME_OK)
            continue;
        if (r.type == OPERATION_UPLOAD_HEAD && !(r.flags & FLAG_ABSENT))
            judge_offset(in, out, list, list.records[i], &r);
        if (r.type == OPERATION_UPLOAD_PATCH) {
            judge_accepted(in, out, list, list.records[i], &r);
            judge_patch(in, out, list, list.records[i], &r);
        }
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        if (has_operation(in, list, OPERATION_UPLOAD_CREATE))
            judge_name(in, out, list);
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no upload was read, continued or asked for its offset");
    else
        finding_hold(out, "%" PRIu64 " pieces, offsets and reads of uploads are right",
                     out->examined);
}

const judge judge_upload_visibility = {
    .name = "upload-visibility",
    .definition = "An upload's content is not seen before its last piece was sent, no piece is "
                  "accepted after completion, and its offset is never below what was acknowledged "
                  "nor above what was sent.",
    .needs = "resumable uploads",
    .examine = examine,
};
