/* What those who run the service ask of it. */
#ifndef ORDEAL_CLIENT_ADMIN_H
#define ORDEAL_CLIENT_ADMIN_H

#include "client/client.h"
#include "client/seen.h"

/* size 1: ready, 0: not */
seen client_ready(client *c);
/* Records the target's own counters; false when it is not at rest yet. Drivers without counters are
 * at rest at once. */
bool client_take_counts(client *c);
/* Purges what was deleted. */
seen client_cleanup(client *c);

#endif
