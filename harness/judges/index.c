#include "judges/index.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"

/* Record numbers grouped by a small number, in record order: group g is numbers[starts[g] ..
 * starts[g + 1]). */
typedef struct {
    uint32_t groups;
    uint32_t *starts;
    uint32_t *numbers;
} grouping;

struct history_index {
    const history *history;
    grouping by_key;
    grouping by_type;
    grouping by_kind;
    grouping by_client; /* within a client by sequence */
    moved_name *moves;  /* by key, then record */
    size_t move_count;
};

typedef uint32_t (*group_of)(const history_record *r); /* UINT32_MAX: in no group */

static uint32_t key_group(const history_record *r)
{
    return r->kind == RECORD_OPERATION && r->key != 0 ? r->key : UINT32_MAX;
}

static uint32_t type_group(const history_record *r)
{
    return r->kind == RECORD_OPERATION ? r->type : UINT32_MAX;
}

static uint32_t kind_group(const history_record *r)
{
    return r->kind >= RECORD_FAULT ? r->kind : UINT32_MAX;
}

static uint32_t client_group(const history_record *r)
{
    return r->kind == RECORD_OPERATION ? r->client : UINT32_MAX;
}

static grouping group_records(const history *h, uint32_t groups, group_of which)
{
    size_t count = history_count(h);
    grouping g = {.groups = groups, .starts = memory_zeroed((size_t)groups + 2, sizeof(uint32_t))};
    for (size_t i = 0; i < count; i++) {
        history_record r = history_next(h, i);
        uint32_t group = which(&r);
        if (group != UINT32_MAX) {
            CHECK(group < groups);
            g.starts[group + 2]++;
        }
    }
    for (uint32_t i = 2; i <= groups + 1; i++)
        g.starts[i] += g.starts[i - 1];
    g.numbers = memory_take(((size_t)g.starts[groups + 1] + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++) {
        history_record r = history_next(h, i);
        uint32_t group = which(&r);
        if (group != UINT32_MAX)
            g.numbers[g.starts[group + 1]++] = (uint32_t)i;
    }
    return g;
}

static record_list list_of(const grouping *g, uint32_t group)
{
    if (group >= g->groups)
        return (record_list){0};
    return (record_list){g->numbers + g->starts[group], g->starts[group + 1] - g->starts[group]};
}

static int by_sequence(const void *a, const void *b, void *context)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    uint32_t sequence_x = history_get(context, x).sequence;
    uint32_t sequence_y = history_get(context, y).sequence;
    if (sequence_x != sequence_y)
        return sequence_x > sequence_y ? 1 : -1;
    return (x > y) - (x < y);
}

/* What a history calls its operations says nothing about how many there are, so the room is theirs
 * and not their numbers'. A client's mostly end in their order; only others are sorted. */
static void group_clients(history_index *x)
{
    const history *h = x->history;
    const uint32_t unordered = UINT32_MAX;
    uint32_t clients = 0;
    uint32_t *last = memory_zeroed((size_t)HISTORY_CLIENTS_MOST + 1, sizeof *last);
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_next(h, i);
        if (r.kind != RECORD_OPERATION)
            continue;
        clients = r.client >= clients ? r.client + 1 : clients;
        last[r.client] = r.sequence > last[r.client] ? r.sequence : unordered;
    }
    x->by_client = group_records(h, clients, client_group);
    for (uint32_t i = 0; i < clients; i++)
        if (last[i] == unordered)
            qsort_r(x->by_client.numbers + x->by_client.starts[i],
                    x->by_client.starts[i + 1] - x->by_client.starts[i], sizeof(uint32_t),
                    by_sequence, (void *)(uintptr_t)h);
    free(last);
}

static int by_key(const void *a, const void *b)
{
    const moved_name *x = a;
    const moved_name *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    if (x->part != y->part)
        return x->part > y->part ? 1 : -1;
    return x->source - y->source;
}

static void group_moves(history_index *x)
{
    record_list moves = index_of_type(x, OPERATION_MOVE);
    size_t most = 0;
    for (size_t i = 0; i < moves.count; i++)
        most += (size_t)2 * index_parts(x, moves.records[i]).count;
    x->moves = memory_take((most + 1) * sizeof *x->moves);
    for (size_t i = 0; i < moves.count; i++) {
        part_range parts = index_parts(x, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
            history_record part = history_get(x->history, p);
            if (part.type != PART_MOVE)
                continue;
            x->moves[x->move_count++] = (moved_name){part.key, moves.records[i], p, true};
            x->moves[x->move_count++] = (moved_name){part.detail, moves.records[i], p, false};
        }
    }
    qsort(x->moves, x->move_count, sizeof *x->moves, by_key);
}

history_index *history_index_build(const history *h)
{
    CHECK(history_count(h) < UINT32_MAX);
    history_index *x = memory_zeroed(1, sizeof *x);
    x->history = h;
    x->by_key = group_records(h, history_name_count(h) + 1, key_group);
    x->by_type = group_records(h, OPERATION_COUNT + 64, type_group);
    x->by_kind = group_records(h, RECORD_EVENT + 1, kind_group);
    group_clients(x);
    group_moves(x);
    return x;
}

static void free_grouping(grouping *g)
{
    free(g->starts);
    free(g->numbers);
}

void history_index_free(history_index *x)
{
    if (x == NULL)
        return;
    free_grouping(&x->by_key);
    free_grouping(&x->by_type);
    free_grouping(&x->by_kind);
    free_grouping(&x->by_client);
    free(x->moves);
    free(x);
}

uint32_t index_key_count(const history_index *x)
{
    return x->by_key.groups - 1;
}

record_list index_of_key(const history_index *x, uint32_t key)
{
    return list_of(&x->by_key, key);
}

record_list index_of_type(const history_index *x, unsigned type)
{
    return list_of(&x->by_type, type);
}

part_range index_parts(const history_index *x, uint32_t operation)
{
    history_record own = history_get(x->history, operation);
    uint32_t first = operation;
    while (first > 0) {
        history_record r = history_get(x->history, first - 1);
        if (r.kind != RECORD_PART || r.client != own.client || r.sequence != own.sequence)
            break;
        first--;
    }
    return (part_range){first, operation - first};
}

static size_t first_move_of(const history_index *x, uint32_t key)
{
    size_t low = 0;
    size_t high = x->move_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x->moves[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

moved_list index_moves_of_key(const history_index *x, uint32_t key)
{
    if (key == 0)
        return (moved_list){x->moves, x->move_count};
    size_t from = first_move_of(x, key);
    return (moved_list){x->moves + from, first_move_of(x, key + 1) - from};
}

size_t index_writer(const history_index *x, uint64_t value)
{
    uint32_t client = (uint32_t)(value >> 32);
    uint32_t sequence = (uint32_t)value;
    record_list made = list_of(&x->by_client, client);
    size_t low = 0;
    size_t high = made.count;
    /* Where it stands if none before it is missing. */
    size_t at = sequence > 0 && sequence <= made.count ? sequence - 1 : made.count / 2;
    while (low < high) {
        uint32_t found = history_get(x->history, made.records[at]).sequence;
        if (found == sequence)
            return made.records[at];
        if (found < sequence)
            low = at + 1;
        else
            high = at;
        at = low + (high - low) / 2;
    }
    return SIZE_MAX;
}

record_list index_samples(const history_index *x)
{
    return list_of(&x->by_kind, RECORD_SAMPLE);
}

record_list index_events(const history_index *x)
{
    return list_of(&x->by_kind, RECORD_EVENT);
}

uint64_t index_event_at(const history_index *x, unsigned type)
{
    record_list events = index_events(x);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(x->history, events.records[i]);
        if (r.type == type)
            return r.invoke;
    }
    return HISTORY_NEVER;
}

record_list index_faults(const history_index *x)
{
    return list_of(&x->by_kind, RECORD_FAULT);
}
