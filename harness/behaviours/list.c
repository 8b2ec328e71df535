/* list: lists the shared names or those of one client; at the end all of them, to be held against
 * the final reads. */
#include "client/list.h"
#include "client/files.h"
#include "history/record.h"

#define CLIENTS_MOST 100 /* whose names are listed at the end */

static const parameter parameters[] = {
    {"shared", PARAMETER_FRACTION, "50%",
     "of its turns list the shared names, the others those of one client", NULL},
};
enum { SHARED };

static void list_names_of(client *c, uint32_t number)
{
    char prefix[KEY_NAME_SIZE];
    keyspace_own_prefix(c->stage->keys, number, prefix);
    client_list(c, prefix);
}

static void list_shared_names(client *c)
{
    char prefix[KEY_NAME_SIZE];
    keyspace_shared_prefix(c->stage->keys, prefix);
    client_list(c, prefix);
}

static void turn(client *c)
{
    const keyspace *keys = c->stage->keys;
    bool shared = random_chance(client_random(c), client_value(c, SHARED)->real);
    if (keyspace_own_count(keys) == 0 || (shared && keyspace_shared_count(keys) > 0))
        list_shared_names(c);
    else
        list_names_of(c, 1 + (uint32_t)random_below(client_random(c), keyspace_client_count(keys)));
}

static void settle(client *c)
{
    const keyspace *keys = c->stage->keys;
    uint64_t clients = keyspace_own_count(keys) > 0 ? keyspace_client_count(keys) : 0;
    list_shared_names(c);
    for (uint32_t number = 1; number <= clients && number <= CLIENTS_MOST; number++)
        list_names_of(c, number);
}

const behaviour behaviour_list = {
    .name = "list",
    .description = "lists shared names and those of single clients, at the end all of them",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_LIST,
    .operations = 1u << OPERATION_LIST,
    .turn = turn,
    .settle = settle,
};
