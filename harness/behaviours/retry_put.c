/* retry-put: writes files of its own; one that fails it tries again under the same name until it is
 * taken, as an uploader with a queue does. */
#include "client/files.h"
#include "history/record.h"

typedef struct {
    uint64_t next;
} memory;

static const parameter parameters[] = {
    {"tries", PARAMETER_WHOLE, "6", "how often one file is tried", NULL},
    {"pause", PARAMETER_DURATION, "50ms", "between two tries", NULL},
};
enum { TRIES, PAUSE };

static void turn(client *c)
{
    memory *m = client_memory(c);
    uint64_t count = keyspace_own_count(c->stage->keys);
    size_t index =
        count > 0 ? keyspace_own(c->stage->keys, c->number, m->next++ % count) : client_pick_key(c);
    uint64_t size = client_pick_size(c);
    seen written = client_put(c, index, size);
    for (uint64_t i = 1;
         i < client_value(c, TRIES)->number && written.outcome != OUTCOME_OK && !client_over(c);
         i++) {
        client_pause(c, client_value(c, PAUSE)->number);
        written = client_put(c, index, size);
    }
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_retry_put = {
    .name = "retry-put",
    .description = "writes files and tries what failed again under the same name",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .memory_size = sizeof(memory),
    .turn = turn,
};
