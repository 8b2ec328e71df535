/* watcher: waits for changes from cursor to cursor; walks away now and then and comes back with its
 * cursor, or begins anew without one. */
#include "client/changes.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"wait", PARAMETER_DURATION, "1s", "how long it lets the target wait for a change", NULL},
    {"leaves", PARAMETER_FRACTION, "10%", "of its visits that it walks away from while it waits",
     NULL},
    {"forgets", PARAMETER_FRACTION, "1%", "of its visits before which it loses its cursor", NULL},
    {"patience", PARAMETER_DURATION, "0s",
     "the longest that it stays when it walks away; 0: as long as its wait", NULL},
};
enum { WAIT, LEAVES, FORGETS, PATIENCE };

static void turn(client *c)
{
    watch *w = client_memory(c);
    random_stream *r = client_random(c);
    uint64_t wait = client_value(c, WAIT)->number;
    uint64_t most = client_value(c, PATIENCE)->number;
    uint64_t patience = 0;
    if (w->name == 0 || random_chance(r, client_value(c, FORGETS)->real))
        watch_begin(c, w);
    else if (random_chance(r, client_value(c, LEAVES)->real))
        patience = random_between(r, 1, most > 0 ? most : wait);
    seen answer = client_watch(c, w, wait, patience);
    /* Its cursor is worth nothing any more. */
    if (answer.status == 410)
        w->name = 0;
}

const behaviour behaviour_watcher = {
    .name = "watcher",
    .description = "waits for changes, walks away and comes back with its cursor",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_CHANGES,
    .operations = 1u << OPERATION_CHANGES,
    .memory_size = sizeof(watch),
    .turn = turn,
};
