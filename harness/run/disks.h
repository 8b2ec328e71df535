/* What lies under the target's data directory: nothing but itself, chaosfs, and below that perhaps
 * a small real disk. Owns the mounts; what the plan does not need, or this machine cannot, is not
 * there, and the faults that need it are skipped out loud by their own probes. */
#ifndef ORDEAL_RUN_DISKS_H
#define ORDEAL_RUN_DISKS_H

#include <stdbool.h>

#include "base/error.h"
#include "chaos/storage/mount.h"
#include "cleanup/marker.h"
#include "plan/scenario.h"

typedef struct {
    char data[560];     /* as the target sees it */
    char backing[560];  /* where it is really kept */
    char real[560];     /* the mount point of a real disk; "": none */
    char log[560];      /* the operation log and the first disk, to be removed at the end; "": */
    char snapshot[560]; /* there are none, or they are to stay */
    storage_mount *storage; /* NULL: no chaosfs */
    bool keep;              /* the data stays when all else goes */
} disks;

/* Makes `data` in the run's directory and what the scenario needs under it. */
bool disks_prepare(disks *d, const scenario *s, const char *directory, bool keep, marker *m,
                   error *e);
/* Once the target has ended. */
void disks_release(disks *d);

#endif
