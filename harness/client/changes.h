/* Watching for changes. */
#ifndef ORDEAL_CLIENT_CHANGES_H
#define ORDEAL_CLIENT_CHANGES_H

#include "client/client.h"
#include "client/seen.h"

/* One watcher: from the moment that it was begun on, it goes from cursor to cursor. Zeroed, it was
 * never begun. */
typedef struct {
    char cursor[RESOURCE_SIZE]; /* "": it has none yet */
    uint64_t number;            /* of the last change that it saw */
    uint32_t name;              /* who it is in the history; 0: nobody */
    uint32_t begun;             /* how many its client has begun */
} watch;

/* Forgets the cursor: what happens from its first answer on is told to a new watcher. */
void watch_begin(client *c, watch *w);
/* Waits up to `wait` for changes; walks away after `patience` (0: never). The size of what is seen
 * is the number of changes. */
seen client_watch(client *c, watch *w, uint64_t wait, uint64_t patience);

#endif
