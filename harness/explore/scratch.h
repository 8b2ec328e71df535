/* A directory for disks that live for a moment: in $TMPDIR, else in memory (/dev/shm) where there
 * is room, because what is explored is the server's order of operations and not how fast a disk
 * syncs; else in /tmp. Written down in a marker, so that it goes even if we are killed. */
#ifndef ORDEAL_EXPLORE_SCRATCH_H
#define ORDEAL_EXPLORE_SCRATCH_H

#include <stdbool.h>

#include "base/error.h"
#include "cleanup/marker.h"

typedef struct {
    char path[512];
    marker *marker;
} scratch;

/* Before any thread is started; one in a process. Also ends what killed explorations left. */
bool scratch_make(scratch *s, error *e);
bool scratch_remove(scratch *s, error *e);

#endif
