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

/* What moves make of names: content may come to a name from another that moves join it with, if it
 * is the end of one. */
typedef struct {
    uint32_t *leaders; /* by key: on the way to the one name that stands for all that are joined */
    unsigned char *ends;  /* by key: a move names it as its end */
    unsigned char *empty; /* by leader: somebody tried to write an empty file */
} kinship;

static uint32_t leader_of(const kinship *k, uint32_t key)
{
    while (k->leaders[key] != key)
        key = k->leaders[key] = k->leaders[k->leaders[key]];
    return key;
}

static void join_moved(const judge_input *in, kinship *k)
{
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        part_range parts = index_parts(in->index, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
            history_record part = history_get(in->history, p);
            k->ends[part.detail] = 1;
            k->leaders[leader_of(k, part.key)] = leader_of(k, part.detail);
        }
    }
}

static void mark_empty(const judge_input *in, kinship *k)
{
    static const unsigned writes[] = {OPERATION_PUT, OPERATION_UPLOAD_CREATE};
    for (size_t t = 0; t < sizeof writes / sizeof writes[0]; t++) {
        record_list list = index_of_type(in->index, writes[t]);
        for (size_t i = 0; i < list.count; i++) {
            history_record w = history_get(in->history, list.records[i]);
            if (w.size == 0)
                k->empty[leader_of(k, w.key)] = 1;
        }
    }
}

static kinship find_kinship(const judge_input *in)
{
    size_t count = (size_t)index_key_count(in->index) + 1;
    kinship k = {.leaders = memory_take(count * sizeof *k.leaders),
                 .ends = memory_zeroed(count, 1),
                 .empty = memory_zeroed(count, 1)};
    for (uint32_t key = 0; key < count; key++)
        k.leaders[key] = key;
    join_moved(in, &k);
    mark_empty(in, &k);
    return k;
}

static void free_kinship(kinship *k)
{
    free(k->leaders);
    free(k->ends);
    free(k->empty);
}

/* A body of no bytes names no write, but somebody must have written an empty file. */
static void judge_empty(const judge_input *in, judge_finding *out, size_t at,
                        const history_record *r, const kinship *k)
{
    if (r->type == OPERATION_GET && r->size == 0 && !k->empty[leader_of(k, r->key)] &&
        history_complete(in->history) &&
        finding_violate(out, r->finish, "'%.120s' is empty, but nobody wrote an empty file",
                        history_text(in->history, r->key)))
        finding_record(out, at);
}

static void judge_origin(const judge_input *in, judge_finding *out, size_t at,
                         const history_record *r, const kinship *k)
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
    bool related = k->ends[r->key] && leader_of(k, w.key) == leader_of(k, r->key);
    bool other_name = w.key != r->key && !related;
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
    kinship k = find_kinship(in);
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
            judge_empty(in, out, list.records[i], &r, &k);
            if (r.value == 0)
                continue;
            out->examined++;
            judge_origin(in, out, list.records[i], &r, &k);
        }
    }
    free_kinship(&k);
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
