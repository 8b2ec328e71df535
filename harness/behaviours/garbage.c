/* garbage: sends requests that no server may take; each must be refused, and the server live on. */
#include "client/garbage.h"
#include "history/record.h"

static void turn(client *c)
{
    client_garbage(c, client_memory(c));
}

const behaviour behaviour_garbage = {
    .name = "garbage",
    .description = "sends requests that no server may take: broken framing, noise, endless heads",
    .operations = 1u << OPERATION_GARBAGE,
    .memory_size = sizeof(garbage_sent),
    .turn = turn,
};
