/* A small real disk: a tmpfs of a stated size, with the data in one directory of it and, when it is
 * to be full, a ballast file beside that. ENOSPC is then the kernel's own and comes in the middle
 * of things: after a short write, and not for what overwrites or renames. Needs root. */
#ifndef ORDEAL_CHAOS_STORAGE_REAL_DISK_H
#define ORDEAL_CHAOS_STORAGE_REAL_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define REAL_DISK_PARAMETER "disk" /* of a fault kind: how large */

/* ERROR_UNABLE when this machine does not let us. `point` must be an empty directory. */
bool real_disk_mount(const char *point, uint64_t bytes, error *e);
bool real_disk_unmount(const char *point, error *e);
/* Leaves about `free` bytes. */
bool real_disk_fill(const char *point, uint64_t left, error *e);
bool real_disk_relieve(const char *point, error *e);

#endif
