/* A directory of the test's own with a chaosfs in it; for tests that run one at a time in a process
 * of their own, as Criterion's do. Failures end the test. */
#ifndef ORDEAL_CHAOS_TESTS_SCRATCH_H
#define ORDEAL_CHAOS_TESTS_SCRATCH_H

#include <stdbool.h>

#include "base/error.h"
#include "chaos/storage/mount.h"

extern error e;
extern storage_mount *mounted; /* NULL: not now */

/* A path in the directory; eight are valid at once. */
char *below(const char *name);
const char *scratch_path(void);
/* Skips the test where there is no chaosfs. */
void scratch_make(const char *parent);
/* Shows `backing`, a name below, at "mnt", with the log "log" and perhaps "snapshot". */
void scratch_mount(const char *backing, bool snapshot);
void scratch_unmount(void);
void scratch_remove(void);

#endif
