/* read-integrity: what a read brought is one attempted write of that name, whole and unmixed.
 *
 * Not a violation: an old value (linearizable's business), a value whose write had an unknown
 * outcome, a value that came to the name by a move, content too short to name its write (counted,
 * not judged). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "history/operations.h"
#include "judges/index.h"
#include "judges/judge.h"

static const unsigned reads[] = {OPERATION_GET, OPERATION_GET_RANGE, OPERATION_GET_VERSION,
                                 OPERATION_SHARE_GET};

static void show_mismatch(const judge_input *in, judge_finding *out, size_t at,
                          const history_record *r)
{
    part_range parts = index_parts(in->index, (uint32_t)at);
    for (uint32_t i = parts.first; i < parts.first + parts.count; i++) {
        history_record part = history_get(in->history, i);
        if (part.type != PART_MISMATCH)
            continue;
        finding_record(out, i);
        finding_line(out, "byte offset %" PRIu64 " of %.100s: %.70s", part.size,
                     history_text(in->history, r->key), history_text(in->history, part.detail));
    }
    finding_record(out, at);
}

static void judge_mismatch(const judge_input *in, judge_finding *out, size_t at,
                           const history_record *r)
{
    part_range parts = index_parts(in->index, (uint32_t)at);
    uint64_t offset = 0;
    const char *sentence = "wrong bytes";
    for (uint32_t i = parts.first; i < parts.first + parts.count; i++) {
        history_record part = history_get(in->history, i);
        if (part.type == PART_MISMATCH) {
            offset = part.size;
            sentence = history_text(in->history, part.detail);
        }
    }
    if (finding_violate(out, r->finish,
                        "%s %" PRIu32 "/%" PRIu32
                        " of '%.120s' read wrong bytes, first at byte %" PRIu64 ": %.120s",
                        operation_row_of(r->type)->name, r->client, r->sequence,
                        history_text(in->history, r->key), offset, sentence))
        show_mismatch(in, out, at, r);
}

/* While the target may be killed an answer can break off; after the quiet period nothing excuses
 * it. */
static void judge_cut(const judge_input *in, judge_finding *out, size_t at, const history_record *r)
{
    if (finding_violate(out, r->finish,
                        "%s %" PRIu32 "/%" PRIu32 " of '%.120s' ends at byte %" PRIu64
                        ", before its stated length",
                        operation_row_of(r->type)->name, r->client, r->sequence,
                        history_text(in->history, r->key), r->size))
        finding_record(out, at);
}

/* By key: 1 when a move names it as its end. */
static unsigned char *find_destinations(const judge_input *in)
{
    unsigned char *ends = memory_zeroed((size_t)index_key_count(in->index) + 1, 1);
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        part_range parts = index_parts(in->index, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++)
            ends[history_get(in->history, p).detail] = 1;
    }
    return ends;
}

static void judge_origin(const judge_input *in, judge_finding *out, size_t at,
                         const history_record *r, const unsigned char *destinations)
{
    size_t writer = index_writer(in->index, r->value);
    if (writer == SIZE_MAX) {
        /* In a history that was cut short the write may simply not have been recorded. */
        if (history_complete(in->history) &&
            finding_violate(
                out, r->finish, "'%.120s' holds write %" PRIu32 "/%" PRIu32 ", which nobody made",
                history_text(in->history, r->key), (uint32_t)(r->value >> 32), (uint32_t)r->value))
            finding_record(out, at);
        return;
    }
    history_record w = history_get(in->history, writer);
    bool other_name = w.key != r->key && !destinations[r->key];
    bool early = r->finish < w.invoke;
    if (!other_name && !early)
        return;
    if (finding_violate(out, r->finish, "'%.100s' holds write %" PRIu32 "/%" PRIu32 " %s%.100s",
                        history_text(in->history, r->key), w.client, w.sequence,
                        early ? "before it was made" : "of another name, ",
                        early ? "" : history_text(in->history, w.key))) {
        finding_record(out, writer);
        finding_record(out, at);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t unidentified = 0;
    unsigned char *destinations = find_destinations(in);
    for (size_t t = 0; t < sizeof reads / sizeof reads[0]; t++) {
        record_list list = index_of_type(in->index, reads[t]);
        for (size_t i = 0; i < list.count; i++) {
            history_record r = history_get(in->history, list.records[i]);
            if (r.failure == FAILURE_CONTENT) {
                out->examined++;
                judge_mismatch(in, out, list.records[i], &r);
            }
            if (r.failure == FAILURE_TRUNCATED && (r.flags & FLAG_FINAL))
                judge_cut(in, out, list.records[i], &r);
            if (r.outcome != OUTCOME_OK || (r.flags & FLAG_ABSENT))
                continue;
            unidentified += (r.flags & FLAG_UNIDENTIFIED) != 0;
            if (r.value == 0)
                continue;
            out->examined++;
            judge_origin(in, out, list.records[i], &r, destinations);
        }
    }
    free(destinations);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no read brought content that could be verified");
    else
        finding_hold(out,
                     "%" PRIu64 " reads brought exactly one attempted write each (%" PRIu64
                     " too short to tell)",
                     out->examined, unidentified);
}

const judge judge_read_integrity = {
    .name = "read-integrity",
    .definition = "A complete body is exactly one attempted write of that name: no foreign, mixed, "
                  "shifted, missing or "
                  "zeroed byte.",
    .needs = "at least one successful read of 16 bytes or more",
    .examine = examine,
};
