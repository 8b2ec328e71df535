/* Mutations of shares, quotas and uploads. */
#include <string.h>

#include "judges/mutations/tape.h"

static bool says(const tape *t, size_t at, const char *code)
{
    return strcmp(history_text(t->source, t->records[at].detail), code) == 0;
}

/* --- shares --- */

static bool exhausted(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_SHARE_GET, OUTCOME_FAILED) && says(t, at, "share_exhausted");
}

static bool one_too_many(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, exhausted);
    if (at == SIZE_MAX)
        return false;
    record_list gets = index_of_type(t->index, OPERATION_SHARE_GET);
    for (size_t i = 0; i < gets.count; i++) {
        const history_record *other = &t->records[gets.records[i]];
        if (other->expected == t->records[at].expected && other->outcome != OUTCOME_OK &&
            !exhausted(t, gets.records[i]))
            return false; /* it may have used one up */
        /* The last one is the one too many. */
        if (other->expected == t->records[at].expected && exhausted(t, gets.records[i]) &&
            other->finish > t->records[at].finish)
            at = gets.records[i];
    }
    t->records[at].outcome = OUTCOME_OK;
    t->records[at].failure = FAILURE_NONE;
    t->records[at].status = 200;
    tape_name(t, &t->records[at]);
    return true;
}

static bool downloaded(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_SHARE_GET, OUTCOME_OK) &&
           index_writer(t->index, t->records[at].expected) != SIZE_MAX;
}

static bool past_its_end(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, downloaded);
    if (at == SIZE_MAX)
        return false;
    size_t share = index_writer(t->index, t->records[at].expected);
    t->records[share].expected = t->records[at].invoke - 1;
    tape_name(t, &t->records[share]);
    tape_name(t, &t->records[at]);
    return true;
}

static bool first_of_two(const tape *t, size_t at)
{
    if (!downloaded(t, at))
        return false;
    uint64_t begun = 0;
    uint64_t most = t->records[index_writer(t->index, t->records[at].expected)].size;
    record_list gets = index_of_type(t->index, OPERATION_SHARE_GET);
    for (size_t i = 0; i < gets.count; i++)
        begun += t->records[gets.records[i]].expected == t->records[at].expected &&
                 t->records[gets.records[i]].invoke <= t->records[at].finish;
    return begun <= most && most > 0;
}

static bool ended_early(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, first_of_two);
    size_t told = tape_pick(t, r, exhausted);
    if (at == SIZE_MAX || told == SIZE_MAX)
        return false;
    t->records[at].outcome = OUTCOME_FAILED;
    t->records[at].failure = FAILURE_STATUS;
    t->records[at].status = 410;
    t->records[at].detail = t->records[told].detail;
    tape_name(t, &t->records[at]);
    return true;
}

/* --- quotas --- */

static bool final_usage(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_USAGE, OUTCOME_OK) && (t->records[at].flags & FLAG_FINAL);
}

static bool usage_wrong(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, final_usage);
    if (at == SIZE_MAX || t->records[at].size == 0)
        return false;
    t->records[at].size -= t->records[at].size > (1 << 20) ? (1 << 20) : t->records[at].size;
    tape_name(t, &t->records[at]);
    return true;
}

static bool has_quota(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_USAGE, OUTCOME_OK) && t->records[at].expected != 0;
}

static bool above_quota(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, has_quota);
    if (at == SIZE_MAX)
        return false;
    t->records[at].size = t->records[at].expected + 1;
    tape_name(t, &t->records[at]);
    return true;
}

/* --- uploads --- */

static bool offset_told(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_UPLOAD_HEAD, OUTCOME_OK) &&
           !(t->records[at].flags & FLAG_ABSENT) && t->records[at].value != 0;
}

static bool offset_above(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, offset_told);
    if (at == SIZE_MAX)
        return false;
    t->records[at].expected += (uint64_t)1 << 40;
    tape_name(t, &t->records[at]);
    return true;
}

static size_t piece_before(const tape *t, size_t at)
{
    record_list list = index_of_key(t->index, t->records[at].key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *r = &t->records[list.records[i]];
        if (tape_has(t, list.records[i], OPERATION_UPLOAD_PATCH, OUTCOME_OK) && r->size > 0 &&
            r->value == t->records[at].value && r->finish < t->records[at].invoke)
            return list.records[i];
    }
    return SIZE_MAX;
}

static bool offset_after_piece(const tape *t, size_t at)
{
    return offset_told(t, at) && piece_before(t, at) != SIZE_MAX;
}

static bool offset_below(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, offset_after_piece);
    if (at == SIZE_MAX)
        return false;
    t->records[at].expected = 0;
    tape_name(t, &t->records[at]);
    return true;
}

static bool last_of_several(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_UPLOAD_PATCH, OUTCOME_OK) &&
           (t->records[at].flags & FLAG_COMPLETES) && piece_before(t, at) != SIZE_MAX;
}

static bool piece_after_end(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, last_of_several);
    if (at == SIZE_MAX)
        return false;
    history_record *piece = &t->records[piece_before(t, at)];
    piece->invoke = t->records[at].finish + 1;
    piece->finish = piece->invoke + 1;
    tape_name(t, piece);
    return true;
}

/* The only request that may have completed an upload which was read. */
static size_t completion_of(const tape *t, size_t read)
{
    size_t found = SIZE_MAX;
    record_list list = index_of_key(t->index, t->records[read].key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *r = &t->records[list.records[i]];
        if (r->type != OPERATION_UPLOAD_PATCH || !(r->flags & FLAG_COMPLETES) ||
            r->value != t->records[read].value)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = list.records[i];
    }
    return found;
}

static bool upload_read(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_GET, OUTCOME_OK) && t->records[at].value != 0 &&
           completion_of(t, at) != SIZE_MAX;
}

static bool seen_unfinished(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, upload_read);
    if (at == SIZE_MAX)
        return false;
    t->records[completion_of(t, at)].flags &= (uint8_t)~FLAG_COMPLETES;
    size_t create = index_writer(t->index, t->records[at].value);
    tape_name(t, &t->records[at]);
    tape_name(t, &t->records[create]);
    return true;
}

static bool ended(const tape *t, const history_record *create, uint64_t before)
{
    record_list list = index_of_key(t->index, create->key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *r = &t->records[list.records[i]];
        bool ends = r->type == OPERATION_UPLOAD_CANCEL || (r->flags & FLAG_COMPLETES);
        if (ends && r->value == create->value && r->outcome == OUTCOME_OK && r->finish < before)
            return true;
    }
    return false;
}

/* Uploads of the name ended before, and nothing else works on it. */
static bool free_to_create(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    size_t before = 0;
    if (!tape_has(t, at, OPERATION_UPLOAD_CREATE, OUTCOME_OK))
        return false;
    record_list list = index_of_key(t->index, r->key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *other = &t->records[list.records[i]];
        bool creates = other->type == OPERATION_UPLOAD_CREATE;
        bool writes = creates || changes_name(other) || other->type == OPERATION_UPLOAD_PATCH;
        if (list.records[i] == at || !writes)
            continue;
        if (other->outcome == OUTCOME_UNKNOWN ||
            (other->invoke <= r->finish && other->finish >= r->invoke))
            return false;
        if (!creates || other->outcome != OUTCOME_OK || other->finish >= r->invoke)
            continue;
        if (!ended(t, other, r->invoke))
            return false;
        before++;
    }
    return before > 0;
}

static bool name_held(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, free_to_create);
    if (at == SIZE_MAX)
        return false;
    t->records[at].outcome = OUTCOME_FAILED;
    t->records[at].failure = FAILURE_STATUS;
    t->records[at].status = 409;
    tape_name(t, &t->records[at]);
    return true;
}

static bool taken_small(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_PUT, OUTCOME_OK) && t->records[at].size < 1 << 20;
}

static bool too_large(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, taken_small);
    if (at == SIZE_MAX)
        return false;
    t->unproven = true;
    t->records[at].size = (uint64_t)2 << 30;
    tape_name(t, &t->records[at]);
    return true;
}

static bool refused_small(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, taken_small);
    if (at == SIZE_MAX)
        return false;
    t->records[at].outcome = OUTCOME_FAILED;
    t->records[at].failure = FAILURE_STATUS;
    t->records[at].status = 413;
    t->unproven = true;
    tape_name(t, &t->records[at]);
    return true;
}

static const mutation rows[] = {
    {"share-exact", "a share gives one download too many", NULL, one_too_many},
    {"share-exact", "a share works after its end", "skew=0s", past_its_end},
    {"share-exact", "a share ends too early", NULL, ended_early},
    {"quota-exact", "an account is told a wrong sum", NULL, usage_wrong},
    {"quota-exact", "an account uses more than its quota", NULL, above_quota},
    {"upload-visibility", "an offset is above what was sent", NULL, offset_above},
    {"upload-visibility", "an offset is below what was acknowledged", NULL, offset_below},
    {"upload-visibility", "a piece is taken after completion", NULL, piece_after_end},
    {"upload-visibility", "an unfinished upload is read", NULL, seen_unfinished},
    {"no-partial-create", "a name stays taken", NULL, name_held},
    {"size-limit", "too large a file is taken", "most=1GiB", too_large},
    {"size-limit", "a small file is refused as too large", "most=1GiB", refused_small},
};
const mutation_table grant_mutations = {rows, sizeof rows / sizeof rows[0]};
