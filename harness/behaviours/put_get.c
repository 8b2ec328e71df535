/* put-get: writes a file, reads it back and others, verifies every byte. */
#include "client/client.h"
#include "history/record.h"

static const char *const key_words[] = {"own", "shared", NULL};
static const parameter parameters[] = {
    {"keys", PARAMETER_WORD, "shared", "names to use: the client's own, or those that all share",
     key_words},
    {"reads", PARAMETER_WHOLE, "2", "reads after each write", NULL},
};
enum { KEYS, READS };

static size_t pick(client *c)
{
    return client_value(c, KEYS)->number == 0 ? client_pick_own_key(c) : client_pick_key(c);
}

static void turn(client *c)
{
    size_t written = pick(c);
    client_put(c, written, client_pick_size(c));
    for (uint64_t i = 0; i < client_value(c, READS)->number && !client_over(c); i++)
        client_get(c, i == 0 ? written : pick(c));
}

const behaviour behaviour_put_get = {
    .name = "put-get",
    .description = "writes a file, reads it and others back, verifies every byte",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .turn = turn,
};
