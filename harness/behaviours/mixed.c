/* mixed: one operation a turn on a shared file, drawn by weights: recorded traffic as `ordeal
 * import` writes it down. */
#include "client/files.h"
#include "client/list.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"gets", PARAMETER_WHOLE, "80", "weight of whole reads", NULL},
    {"puts", PARAMETER_WHOLE, "15", "weight of writes", NULL},
    {"heads", PARAMETER_WHOLE, "0", "weight of questions for size and state", NULL},
    {"ranges", PARAMETER_WHOLE, "0", "weight of reads of a piece", NULL},
    {"deletes", PARAMETER_WHOLE, "5", "weight of deletions", NULL},
    {"lists", PARAMETER_WHOLE, "0", "weight of listings of all shared names", NULL},
    {"fill", PARAMETER_SWITCH, "true",
     "a file that a read does not find is written: recorded traffic found it", NULL},
};
enum { GETS, PUTS, HEADS, RANGES, DELETES, LISTS, FILL, KINDS = LISTS + 1 };

static size_t draw_kind(client *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < KINDS; i++)
        sum += client_value(c, i)->number;
    uint64_t drawn = random_below(client_random(c), sum > 0 ? sum : 1);
    size_t kind = GETS;
    while (kind < LISTS && drawn >= client_value(c, kind)->number)
        drawn -= client_value(c, kind++)->number;
    return kind;
}

static seen read_piece(client *c, size_t index)
{
    seen head = client_head(c, index);
    if (head.outcome != OUTCOME_OK || head.size == 0 || client_over(c))
        return head;
    uint64_t offset = random_below(client_random(c), head.size);
    return client_get_range(c, index, offset,
                            random_between(client_random(c), 1, head.size - offset));
}

static seen read_some(client *c, size_t kind, size_t index)
{
    if (kind == HEADS)
        return client_head(c, index);
    return kind == RANGES ? read_piece(c, index) : client_get(c, index);
}

static void list_shared(client *c)
{
    char prefix[KEY_NAME_SIZE];
    keyspace_shared_prefix(c->stage->keys, prefix);
    client_list(c, prefix);
}

/* Recorded traffic found it, so it must be there. */
static bool reads_in_vain(client *c, size_t kind, size_t index)
{
    seen found = read_some(c, kind, index);
    return found.absent && client_value(c, FILL)->number != 0 && !client_over(c);
}

static void turn(client *c)
{
    size_t kind = draw_kind(c);
    size_t index = client_pick_key(c);
    if (kind == LISTS)
        list_shared(c);
    else if (kind == DELETES)
        client_delete(c, index);
    else if (kind == PUTS || reads_in_vain(c, kind, index))
        client_put(c, index, client_pick_size(c));
}

const behaviour behaviour_mixed = {
    .name = "mixed",
    .description = "one operation a turn, drawn by weights, as recorded traffic has them",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_RANGES | CAPABILITY_LIST,
    .operations = 1u << OPERATION_PUT,
    .turn = turn,
};
