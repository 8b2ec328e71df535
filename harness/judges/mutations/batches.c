/* Mutations of batches of moves and of listings. */
#include "judges/mutations/tape.h"

/* --- batches of moves --- */

static bool settled(const tape *t, uint32_t key)
{
    change_list list = changes_of_name(&t->in, key);
    bool certain = true;
    for (size_t i = 0; i < list.count; i++)
        certain = certain && list.all[i].finish != HISTORY_NEVER;
    changes_free(&list);
    return certain;
}

/* The last of the client's batches that was acknowledged before this operation began, if nothing
 * changed its names since. */
static size_t batch_before(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    size_t found = SIZE_MAX;
    for (size_t i = at; i-- > 0 && found == SIZE_MAX;) {
        const history_record *other = &t->records[i];
        if (other->kind != RECORD_OPERATION || other->client != r->client)
            continue;
        if (changes_name(other))
            return SIZE_MAX;
        if (other->type == OPERATION_MOVE && other->outcome == OUTCOME_UNKNOWN)
            return SIZE_MAX;
        if (other->type == OPERATION_MOVE && other->outcome == OUTCOME_OK)
            found = i;
    }
    return found;
}

/* A pair of that batch whose names are known for certain; SIZE_MAX: none. */
static size_t known_pair(const tape *t, size_t at)
{
    size_t batch = batch_before(t, at);
    if (batch == SIZE_MAX || !(t->records[batch].flags & FLAG_ATOMIC))
        return SIZE_MAX;
    part_range parts = index_parts(t->index, (uint32_t)batch);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++)
        if (t->records[p].type == PART_MOVE && settled(t, t->records[p].key) &&
            settled(t, t->records[p].detail))
            return p;
    return SIZE_MAX;
}

static bool listing_after_batch(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_LIST, OUTCOME_OK) && (t->records[at].flags & FLAG_ATOMIC) &&
           !(t->records[at].flags & FLAG_FINAL) && known_pair(t, at) != SIZE_MAX;
}

static bool half_listed(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, listing_after_batch);
    if (at == SIZE_MAX)
        return false;
    const history_record *pair = &t->records[known_pair(t, at)];
    part_range entries = index_parts(t->index, (uint32_t)at);
    for (uint32_t p = entries.first; p < entries.first + entries.count; p++)
        if (t->records[p].key == pair->detail)
            t->records[p].key = pair->key;
    tape_name(t, &t->records[at]);
    return true;
}

static bool looks_at_source(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    if (!tape_has(t, at, OPERATION_GET, OUTCOME_OK) || !(r->flags & FLAG_ABSENT) ||
        (r->flags & FLAG_FINAL) || !settled(t, r->key))
        return false;
    size_t batch = batch_before(t, at);
    if (batch == SIZE_MAX || !(t->records[batch].flags & FLAG_ATOMIC))
        return false;
    part_range parts = index_parts(t->index, (uint32_t)batch);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++)
        if (t->records[p].type == PART_MOVE && t->records[p].key == r->key)
            return true;
    return false;
}

static bool left_behind(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, looks_at_source);
    if (at == SIZE_MAX)
        return false;
    t->records[at].flags &= (uint8_t)~FLAG_ABSENT;
    t->records[at].status = 200;
    t->records[at].size = 100;
    tape_name(t, &t->records[at]);
    return true;
}

/* --- listings --- */

static bool final_listing(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_LIST, OUTCOME_OK) && (t->records[at].flags & FLAG_FINAL) &&
           index_parts(t->index, (uint32_t)at).count > 0;
}

static bool read_at_end(const tape *t, uint32_t key)
{
    record_list list = index_of_key(t->index, key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *r = &t->records[list.records[i]];
        if ((r->flags & FLAG_FINAL) && r->type == OPERATION_GET && r->outcome == OUTCOME_OK)
            return true;
    }
    return false;
}

/* An entry whose name is settled and was read; SIZE_MAX: none. */
static size_t listed_entry(tape *t, random_stream *r, size_t listing)
{
    part_range parts = index_parts(t->index, (uint32_t)listing);
    uint64_t first = random_below(r, parts.count);
    for (uint32_t i = 0; i < parts.count; i++) {
        uint32_t p = parts.first + (uint32_t)((first + i) % parts.count);
        if (t->records[p].type == PART_ENTRY && settled(t, t->records[p].key) &&
            read_at_end(t, t->records[p].key))
            return p;
    }
    return SIZE_MAX;
}

static size_t pick_entry(tape *t, random_stream *r)
{
    size_t listing = tape_pick(t, r, final_listing);
    if (listing == SIZE_MAX)
        return SIZE_MAX;
    tape_name(t, &t->records[listing]);
    return listed_entry(t, r, listing);
}

static bool entry_dropped(tape *t, random_stream *r)
{
    size_t entry = pick_entry(t, r);
    if (entry == SIZE_MAX)
        return false;
    tape_drop(t, entry);
    return true;
}

static bool entry_doubled(tape *t, random_stream *r)
{
    size_t entry = pick_entry(t, r);
    if (entry == SIZE_MAX)
        return false;
    tape_insert(t, entry, &t->records[entry]);
    return true;
}

static bool entry_resized(tape *t, random_stream *r)
{
    size_t entry = pick_entry(t, r);
    if (entry == SIZE_MAX)
        return false;
    t->records[entry].size++;
    return true;
}

static bool entry_renumbered(tape *t, random_stream *r)
{
    size_t entry = pick_entry(t, r);
    if (entry == SIZE_MAX || t->records[entry].version == 0)
        return false;
    t->records[entry].version++;
    return true;
}

static const mutation rows[] = {
    {"atomic-move", "a listing shows half of a batch", NULL, half_listed},
    {"atomic-move", "a moved file is still at its source", NULL, left_behind},
    {"list-agrees", "a listing lacks a name", NULL, entry_dropped},
    {"list-agrees", "a listing has a name twice", NULL, entry_doubled},
    {"list-agrees", "a listing tells another size", NULL, entry_resized},
    {"list-agrees", "a listing tells another version", NULL, entry_renumbered},
};
const mutation_table batch_mutations = {rows, sizeof rows / sizeof rows[0]};
