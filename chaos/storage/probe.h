/* The small program that shows a storage fault: in a directory of its own in the mount it reads an
 * old file, creates, writes, syncs, reads back, renames, lists, makes and removes, and notes what
 * each call said. It runs in a forked child (system calls only), so that it can be stalled or
 * killed without harm to the harness. */
#ifndef ORDEAL_CHAOS_STORAGE_PROBE_H
#define ORDEAL_CHAOS_STORAGE_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chaos/storage/mount.h"

#define PROBE_BYTES 65536

typedef struct {
    int errors[STORAGE_OPERATIONS]; /* errno of the first failure of each operation, or 0 */
    ssize_t written;                /* by the one write of PROBE_BYTES */
    bool old_right;                 /* the old file reads back as it was written */
    bool new_right;                 /* and so does the new one, past the cache */
    uint64_t free_bytes;            /* as statfs says */
    uint64_t nanoseconds;
    bool finished;     /* by itself, while the fault was active */
    int killed_by;     /* signal, or 0 */
    atomic_bool go;    /* set by the parent once the fault is armed */
    atomic_bool ended; /* set by the child */
} probe_sight;

typedef struct {
    char directory[4096];
    char pattern[256];  /* for rules that are to hurt the probe alone */
    probe_sight *sight; /* shared with the child */
    pid_t child;
} probe;

/* Makes the directory with an old file in it and the child, which waits for probe_run. */
bool probe_prepare(probe *p, const storage_mount *m, error *e);
/* Lets the child go and waits at most a second for its end. */
void probe_run(probe *p);
/* Waits until the child has ended, killing it if need be, and removes what it made. */
bool probe_finish(probe *p, error *e);
void probe_release(probe *p);

/* Saw nothing wrong. */
bool probe_clean(const probe_sight *sight);

#endif
