/* read-integrity: what a read brought is one attempted write of that name, whole and unmixed.
 *
 * Content may also be that of another name from which moves can have brought it, one after another,
 * after it was written and before the read ended. Not a violation: an old value (linearizable's
 * business), a value whose write or move had an unknown outcome, content too short to name its
 * write (counted, not judged). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "history/operations.h"
#include "judges/changes.h"
#include "judges/evidence.h"

static const unsigned reads[] = {OPERATION_GET, OPERATION_GET_RANGE, OPERATION_GET_VERSION,
                                 OPERATION_SHARE_GET};

/* The read, and before it what made the version that it was told it would get. */
static void show_read(const judge_input *in, judge_finding *out, size_t at, const history_record *r)
{
    record_list list = index_of_key(in->index, r->key);
    for (size_t i = 0; i < list.count && r->version != 0; i++) {
        history_record w = history_get(in->history, list.records[i]);
        if (changes_name(&w) && w.outcome == OUTCOME_OK && w.version == r->version)
            evidence_show(in, out, list.records[i]);
    }
    evidence_show(in, out, at);
}

static void judge_mismatch(const judge_input *in, judge_finding *out, size_t at,
                           const history_record *r)
{
    part_range parts = index_parts(in->index, (uint32_t)at);
    uint64_t offset = 0;
    uint64_t owner = 0; /* of the wrong bytes; 0: nobody */
    const char *sentence = "wrong bytes";
    for (uint32_t i = parts.first; i < parts.first + parts.count; i++) {
        history_record part = history_get(in->history, i);
        if (part.type == PART_MISMATCH) {
            offset = part.size;
            owner = part.value;
            sentence = history_text(in->history, part.detail);
        }
    }
    if (!finding_violate(out, r->finish,
                         "%s %" PRIu32 "/%" PRIu32
                         " of '%.120s' read wrong bytes, first at byte %" PRIu64 ": %.120s",
                         operation_row_of(r->type)->name, r->client, r->sequence,
                         history_text(in->history, r->key), offset, sentence))
        return;
    size_t writer = owner != 0 ? index_writer(in->index, owner) : SIZE_MAX;
    if (writer != SIZE_MAX)
        evidence_show(in, out, writer);
    show_read(in, out, at, r);
}

/* While the target may be killed an answer can break off; after the quiet period nothing excuses
 * it. */
static void judge_cut(const judge_input *in, judge_finding *out, size_t at, const history_record *r)
{
    if (!finding_violate(out, r->finish,
                         "%s %" PRIu32 "/%" PRIu32 " of '%.120s' ends at byte %" PRIu64
                         ", before its stated length",
                         operation_row_of(r->type)->name, r->client, r->sequence,
                         history_text(in->history, r->key), r->size))
        return;
    show_read(in, out, at, r);
}

/* Names from which moves can have brought what a name held, and until when it can have been there.
 */
typedef struct {
    const judge_input *in;
    uint64_t *until; /* by key; 0: cannot have come from there */
    uint32_t *names; /* those with a time; the name itself first */
    size_t count;
    unsigned char *empty; /* by key: somebody tried to write an empty file there */
    uint32_t origin;      /* where the content looked for was written; 0: any empty file */
    uint64_t written;     /* from when on */
} ancestry;

static void mark_empty(ancestry *a)
{
    static const unsigned writes[] = {OPERATION_PUT, OPERATION_UPLOAD_CREATE};
    for (size_t t = 0; t < sizeof writes / sizeof writes[0]; t++) {
        record_list list = index_of_type(a->in->index, writes[t]);
        for (size_t i = 0; i < list.count; i++) {
            history_record w = history_get(a->in->history, list.records[i]);
            if (w.size == 0)
                a->empty[w.key] = 1;
        }
    }
}

static ancestry ancestry_begin(const judge_input *in)
{
    size_t keys = (size_t)index_key_count(in->index) + 1;
    ancestry a = {.in = in,
                  .until = memory_zeroed(keys, sizeof *a.until),
                  .names = memory_take(keys * sizeof *a.names),
                  .empty = memory_zeroed(keys, 1)};
    mark_empty(&a);
    return a;
}

static void ancestry_end(ancestry *a)
{
    free(a->until);
    free(a->names);
    free(a->empty);
}

/* True when what is looked for can have been there. */
static bool reach(ancestry *a, uint32_t key, uint64_t until)
{
    until = until > 0 ? until : 1;
    if (a->until[key] == 0)
        a->names[a->count++] = key;
    if (a->until[key] < until)
        a->until[key] = until;
    if (a->origin == 0)
        return a->empty[key];
    return key == a->origin && until >= a->written;
}

typedef enum { SAME, LATER, FOUND } progress;

static progress follow(ancestry *a, const moved_name *moved, uint64_t until)
{
    history_record move = history_get(a->in->history, moved->move);
    history_record pair = history_get(a->in->history, moved->part);
    outcome how = changes_of_pair(&move, &pair);
    if (moved->source || how == OUTCOME_FAILED || move.invoke > until)
        return SAME;
    uint64_t last = how == OUTCOME_UNKNOWN || move.finish > until ? until : move.finish;
    bool later = a->until[pair.key] < last;
    return reach(a, pair.key, last) ? FOUND : later ? LATER : SAME;
}

/* Moves stand in the order in which they ended; the latest before `until` is the likeliest. */
static size_t moves_ended_by(const ancestry *a, moved_list moves, uint64_t until)
{
    size_t low = 0;
    size_t high = moves.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history_get(a->in->history, moves.entries[middle].move).finish <= until)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static progress look_behind(ancestry *a, uint32_t key)
{
    uint64_t until = a->until[key];
    moved_list moves = index_moves_of_key(a->in->index, key);
    size_t likeliest = moves_ended_by(a, moves, until);
    progress most = SAME;
    for (size_t i = 0; i < moves.count && most != FOUND; i++) {
        size_t at = i < likeliest ? likeliest - 1 - i : i;
        progress now = follow(a, &moves.entries[at], until);
        most = now > most ? now : most;
    }
    return most;
}

/* Back through the moves onto each name; again while a name can have held it until later. */
static bool can_come(ancestry *a, uint32_t origin, uint64_t written, const history_record *read)
{
    for (size_t i = 0; i < a->count; i++)
        a->until[a->names[i]] = 0;
    a->count = 0;
    a->origin = origin;
    a->written = written;
    if (reach(a, read->key, read->finish))
        return true;
    for (progress most = LATER; most == LATER;) {
        most = SAME;
        for (size_t i = 0; i < a->count && most != FOUND; i++) {
            progress now = look_behind(a, a->names[i]);
            most = now > most ? now : most;
        }
        if (most == FOUND)
            return true;
    }
    return false;
}

/* A body of no bytes names no write, but somebody must have written an empty file. */
static void judge_empty(const judge_input *in, judge_finding *out, size_t at,
                        const history_record *r, ancestry *a)
{
    if (r->type == OPERATION_GET && r->size == 0 && history_complete(in->history) &&
        !can_come(a, 0, 0, r) &&
        finding_violate(out, r->finish, "'%.120s' is empty, but nobody wrote an empty file",
                        history_text(in->history, r->key)))
        show_read(in, out, at, r);
}

static void judge_origin(const judge_input *in, judge_finding *out, size_t at,
                         const history_record *r, ancestry *a)
{
    size_t writer = index_writer(in->index, r->value);
    if (writer == SIZE_MAX) {
        /* In a history that was cut short the write may simply not have been recorded. */
        if (history_complete(in->history) &&
            finding_violate(
                out, r->finish, "'%.120s' holds write %" PRIu32 "/%" PRIu32 ", which nobody made",
                history_text(in->history, r->key), (uint32_t)(r->value >> 32), (uint32_t)r->value))
            evidence_show(in, out, at);
        return;
    }
    history_record w = history_get(in->history, writer);
    bool early = r->finish < w.invoke;
    bool other_name = !early && !can_come(a, w.key, w.invoke, r);
    if (!other_name && !early)
        return;
    if (finding_violate(out, r->finish, "'%.100s' holds write %" PRIu32 "/%" PRIu32 " %s%.100s",
                        history_text(in->history, r->key), w.client, w.sequence,
                        early ? "before it was made" : "of another name, ",
                        early ? "" : history_text(in->history, w.key))) {
        evidence_show(in, out, writer);
        evidence_show(in, out, at);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t unidentified = 0;
    ancestry names = ancestry_begin(in);
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
            judge_empty(in, out, list.records[i], &r, &names);
            if (r.value == 0)
                continue;
            out->examined++;
            judge_origin(in, out, list.records[i], &r, &names);
        }
    }
    ancestry_end(&names);
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
