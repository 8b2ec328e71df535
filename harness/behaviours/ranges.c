/* ranges: asks how big a file is and reads pieces of it, around block boundaries and at its end. */
#include "client/files.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"pieces", PARAMETER_WHOLE, "3", "ranges read of each file", NULL},
};

static void turn(client *c)
{
    size_t index = client_pick_key(c);
    seen head = client_head(c, index);
    if (head.outcome != OUTCOME_OK || head.absent || head.size == 0) {
        client_put(c, index, client_pick_size(c));
        return;
    }
    for (uint64_t i = 0; i < client_value(c, 0)->number && !client_over(c); i++) {
        uint64_t offset = random_below(client_random(c), head.size);
        uint64_t length = 1 + random_below(client_random(c), head.size - offset + 64);
        client_get_range(c, index, offset, length);
    }
}

const behaviour behaviour_ranges = {
    .name = "ranges",
    .description = "reads pieces of shared files and verifies every byte",
    .parameters = parameters,
    .parameter_count = 1,
    .capabilities = CAPABILITY_FILES | CAPABILITY_RANGES,
    .operations = 1u << OPERATION_HEAD | 1u << OPERATION_GET_RANGE,
    .turn = turn,
};
