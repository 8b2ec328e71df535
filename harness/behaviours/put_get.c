/* put-get: writes a file, reads it back and others, verifies every byte. */
#include "client/files.h"
#include "history/record.h"

typedef struct {
    uint64_t next;
} memory;

static const char *const key_words[] = {"own", "shared", NULL};
static const parameter parameters[] = {
    {"keys", PARAMETER_WORD, "shared", "names to use: the client's own, or those that all share",
     key_words},
    {"reads", PARAMETER_WHOLE, "2", "reads after each write", NULL},
};
enum { KEYS, READS };

static bool own(const client *c)
{
    return client_value(c, KEYS)->number == 0 && keyspace_own_count(c->stage->keys) > 0;
}

/* Own names are taken in turn, so that every file lives as long as it can before it is overwritten.
 */
static size_t pick_to_write(client *c)
{
    memory *m = client_memory(c);
    if (!own(c))
        return client_pick_key(c);
    return keyspace_own(c->stage->keys, c->number, m->next++ % keyspace_own_count(c->stage->keys));
}

static size_t pick_to_read(client *c)
{
    const memory *m = client_memory(c);
    if (!own(c))
        return client_pick_key(c);
    uint64_t count = keyspace_own_count(c->stage->keys);
    return keyspace_own(c->stage->keys, c->number,
                        random_below(client_random(c), m->next < count ? m->next : count));
}

static void turn(client *c)
{
    size_t written = pick_to_write(c);
    client_put(c, written, client_pick_size(c));
    for (uint64_t i = 0; i < client_value(c, READS)->number && !client_over(c) && !c->refused; i++)
        client_get(c, i == 0 ? written : pick_to_read(c));
}

const behaviour behaviour_put_get = {
    .name = "put-get",
    .description = "writes a file, reads it and others back, verifies every byte",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .memory_size = sizeof(memory),
    .turn = turn,
};
