/* A chaosfs mount as the harness holds it: the child process, the control file, the rules armed;
 * or, where there is no /dev/fuse, a watch on the target's system calls (watch.h) behind the same
 * rules.
 *
 * storage_mount_start makes the mount point if need be and returns once the mount is really there
 * (a write into an unmounted directory would succeed silently); storage_mount_stop takes all away.
 * Should the harness die, the daemon sees its lifeline end and unmounts by itself; whoever starts a
 * mount writes it down for the case that the daemon is killed too. Arming and stopping come from
 * one thread; reading counters is safe from any. */
#ifndef ORDEAL_CHAOS_STORAGE_MOUNT_H
#define ORDEAL_CHAOS_STORAGE_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "chaos/storage/rules.h"

typedef struct storage_mount storage_mount;

typedef struct {
    const char *program; /* the path of ordeal-chaosfs; NULL: beside the running program */
    const char *backing; /* exists; holds the data */
    const char *mount;   /* made if missing; must be empty */
    const char *control; /* a file that is made, and removed at the end */
    const char *log;     /* the operation log; NULL: none */
    const char
        *snapshot; /* with a log: a directory that is made and gets a copy of `backing`, from
                      which a replay starts; stays after the stop, as the log does. May be NULL */
    bool xattrs;   /* pass extended attributes on; costs a round trip per new file */
    /* Watch system calls instead: then there are only errors, delays, stalls and kills before an
     * operation, no budget and no log, and `mount` itself holds the data. */
    bool by_calls;
} storage_mount_options;

/* Whether this machine can: ERROR_UNABLE says what is missing and how to enable it. */
bool storage_mount_possible(error *e);
/* The same for by_calls. */
bool storage_mount_possible_by_calls(error *e);
storage_mount *storage_mount_start(const storage_mount_options *options, error *e);
/* Heals everything, waits for the log to be complete, unmounts (lazily if the target still holds
 * files), ends the daemon. The handle is gone also when it returns false. */
bool storage_mount_stop(storage_mount *m, error *e);
/* Whatever hangs in the mount gets ENOTCONN. For a stalled daemon; afterwards only stop helps. */
void storage_mount_abort(storage_mount *m);
const char *storage_mount_point(const storage_mount *m);
const char *storage_mount_backing(const storage_mount *m);
/* The mount is there and its daemon lives. */
bool storage_mount_alive(const storage_mount *m, error *e);

/* What goes before the target's command; ends in NULL; NULL: nothing. */
const char *const *storage_mount_prefix(const storage_mount *m);
/* For a program of ours: the calling process is hurt as the target is, for ever. After fork. False
 * with errno. */
bool storage_mount_join(const storage_mount *m);

/* Returns the rule's slot, or -1. The kernel's caches are dropped before it returns. ERROR_UNABLE
 * for what needs the mount. */
int storage_mount_arm(storage_mount *m, const storage_rule *rule, error *e);
/* For a kill rule that was armed before its process was started; if it has struck already, the
 * process is killed now. */
void storage_mount_victim(storage_mount *m, int slot, pid_t pid);
/* The counters stay readable until the slot is armed again. */
bool storage_mount_disarm(storage_mount *m, int slot, error *e);
uint64_t storage_mount_seen(const storage_mount *m, int slot);
uint64_t storage_mount_fired(const storage_mount *m, int slot);
uint64_t storage_mount_seen_by(const storage_mount *m, int slot, storage_operation operation);
uint64_t storage_mount_fired_by(const storage_mount *m, int slot, storage_operation operation);

/* `bytes` may still be added; then `error_number` (ENOSPC, also seen by statfs, or EDQUOT). */
bool storage_mount_limit(storage_mount *m, uint64_t bytes, int error_number, error *e);
bool storage_mount_unlimit(storage_mount *m, error *e);
uint64_t storage_mount_refused(const storage_mount *m);
/* Operations that ended with ENOSPC because the file system below is full. */
uint64_t storage_mount_full(const storage_mount *m);

/* The gate of a kill rule: shut, every operation answers EIO; open it before a restart. */
bool storage_mount_crashed(const storage_mount *m);
void storage_mount_shut(storage_mount *m);
bool storage_mount_reopen(storage_mount *m, error *e);

/* The stamp for an acknowledgement: every change made so far has a number up to this one. */
uint64_t storage_mount_sequence(const storage_mount *m);
/* Waits until the log file holds all up to now. */
bool storage_mount_flush_log(storage_mount *m, error *e);
/* The same as a place to read it from, for whoever stamps often; valid until the stop. */
const atomic_uint_fast64_t *storage_mount_position(const storage_mount *m);
/* For whoever replaces the data through the mount after a power cut: marks in the log that what
 * follows is not the target's doing, and then that all there is now is on the disk. In between no
 * rule and no budget holds; settle ends that also when it fails. */
bool storage_mount_replacing(storage_mount *m, error *e);
bool storage_mount_settle(storage_mount *m, error *e);
/* NULL when not asked for. */
const char *storage_mount_log(const storage_mount *m);
const char *storage_mount_snapshot(const storage_mount *m);

#endif
