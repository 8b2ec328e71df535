/* drop: closes the connection in the middle of the content, writing and reading. */
#include "client/files.h"
#include "history/record.h"

static void turn(client *c)
{
    exchange_manners manners = EXCHANGE_POLITE;
    uint64_t size = 1 + client_pick_size(c);
    size_t index = client_pick_key(c);
    if (random_below(client_random(c), 2) == 0) {
        manners.cut_send_at = random_below(client_random(c), size);
        client_put_rudely(c, index, size, &manners);
    } else {
        manners.cut_receive_at = random_below(client_random(c), size);
        client_get_rudely(c, index, &manners);
    }
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_drop = {
    .name = "drop",
    .description = "closes connections in the middle of contents that it writes or reads",
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_GET,
    .turn = turn,
};
