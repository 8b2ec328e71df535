/* ranges: asks how big a file is and reads pieces of it, around block boundaries and at its end. */
#include "client/files.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"pieces", PARAMETER_WHOLE, "3", "ranges read of each file", NULL},
    {"outside", PARAMETER_FRACTION, "0%", "of them begin after the end: they are refused", NULL},
};
enum { PIECES, OUTSIDE };

/* Around the end, or after it. */
static void read_piece(client *c, size_t index, uint64_t size)
{
    random_stream *r = client_random(c);
    bool outside = random_chance(r, client_value(c, OUTSIDE)->real);
    uint64_t offset = outside ? size + random_below(r, size + 1) : random_below(r, size);
    uint64_t length = 1 + random_below(r, outside ? size : size - offset + 64);
    client_get_range(c, index, offset, length);
}

static void turn(client *c)
{
    size_t index = client_pick_key(c);
    seen head = client_head(c, index);
    if (head.outcome != OUTCOME_OK || head.absent || head.size == 0) {
        client_put(c, index, client_pick_size(c));
        return;
    }
    for (uint64_t i = 0; i < client_value(c, PIECES)->number && !client_over(c); i++)
        read_piece(c, index, head.size);
}

const behaviour behaviour_ranges = {
    .name = "ranges",
    .description = "reads pieces of shared files and verifies every byte",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_RANGES,
    .operations = 1u << OPERATION_HEAD | 1u << OPERATION_GET_RANGE,
    .turn = turn,
};
