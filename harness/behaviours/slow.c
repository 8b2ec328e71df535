/* slow: writes and reads files as over a very bad line, and gives up when it takes too long. */
#include "client/files.h"
#include "history/record.h"

typedef struct {
    bool written; /* the file that it reads */
} memory;

static const parameter parameters[] = {
    {"speed", PARAMETER_SIZE, "1B", "bytes a second, both ways", NULL},
    {"size", PARAMETER_SIZE, "8MiB", "of its files: more than all buffers on the way hold", NULL},
};
enum { SPEED, SIZE };

static void turn(client *c)
{
    memory *m = client_memory(c);
    uint64_t size = client_value(c, SIZE)->number;
    exchange_manners manners = EXCHANGE_POLITE;
    manners.send_rate = manners.receive_rate = client_value(c, SPEED)->number;
    if (random_below(client_random(c), 2) == 0 || keyspace_own_count(c->stage->keys) == 0) {
        client_put_rudely(c, client_pick_own_key(c), size, &manners);
        return;
    }
    size_t index = keyspace_own(c->stage->keys, c->number, 0);
    m->written = m->written || client_put(c, index, size).outcome == OUTCOME_OK;
    if (m->written && !client_over(c))
        client_get_rudely(c, index, &manners);
}

const behaviour behaviour_slow = {
    .name = "slow",
    .description = "writes and reads own files a few bytes a second, until its time-out",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_PUT,
    .memory_size = sizeof(memory),
    .turn = turn,
};
