/* mutated: sends valid stories with a few changes; each must be answered. */
#include "client/garbage.h"
#include "history/record.h"

static void turn(client *c)
{
    client_mutated(c, client_memory(c));
}

const behaviour behaviour_mutated = {
    .name = "mutated",
    .description = "sends valid requests of the target's protocol with a few changes: a fuzzer",
    .operations = 1u << OPERATION_GARBAGE,
    .memory_size = sizeof(garbage_sent),
    .turn = turn,
};
