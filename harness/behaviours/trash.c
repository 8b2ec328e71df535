/* trash: deletes a file of its own, takes it out of the trash a moment later, and looks at it. */
#include "client/files.h"
#include "client/versions.h"
#include "history/record.h"

typedef struct {
    uint64_t next;
} memory;

static const parameter parameters[] = {
    {"pause", PARAMETER_DURATION, "5ms", "that a file lies in the trash", NULL},
};
enum { PAUSE };

static void turn(client *c)
{
    memory *m = client_memory(c);
    uint64_t count = keyspace_own_count(c->stage->keys);
    size_t index =
        count > 0 ? keyspace_own(c->stage->keys, c->number, m->next++ % count) : client_pick_key(c);
    seen written = client_put(c, index, client_pick_size(c));
    if (written.outcome != OUTCOME_OK || client_over(c))
        return;
    seen gone = client_delete(c, index);
    if (gone.outcome != OUTCOME_OK)
        return;
    client_pause(c, client_value(c, PAUSE)->number);
    /* It may be purged by now: then it is absent, and stays so. */
    client_restore(c, index, written.version);
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_trash = {
    .name = "trash",
    .description = "deletes files and takes them out of the trash a moment later",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_VERSIONS,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_DELETE | 1u << OPERATION_RESTORE,
    .memory_size = sizeof(memory),
    .turn = turn,
};
