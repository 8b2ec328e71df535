/* Inside the mount: what its two files share. Not for others than mount*.c. */
#ifndef ORDEAL_CHAOS_STORAGE_MOUNT_STATE_H
#define ORDEAL_CHAOS_STORAGE_MOUNT_STATE_H

#include <limits.h>
#include <sys/types.h>

#include "base/timing.h"
#include "chaos/storage/mount.h"
#include "chaos/storage/watch.h"

#define MOUNT_POLL (2 * NANOSECONDS_PER_MILLISECOND)

struct storage_mount {
    char program[PATH_MAX];
    char backing[PATH_MAX];
    char point[PATH_MAX];
    char control_path[PATH_MAX];
    char log[PATH_MAX];      /* empty: none */
    char snapshot[PATH_MAX]; /* likewise */
    bool xattrs;
    storage_control *control;
    pid_t daemon;
    int lifeline;      /* our end; its closing ends the daemon */
    dev_t below;       /* of the mount point before the mount */
    call_watch *watch; /* instead of all that; NULL: it is a mount */
};

/* The mount is there, and the daemon that we started serves it. */
bool mount_serves(const storage_mount *m);
/* The log has not ended early. */
bool mount_log_sound(const storage_mount *m, error *e);

#endif
