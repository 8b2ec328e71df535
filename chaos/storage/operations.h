/* The storage operations that chaosfs sees, by the names that scenarios and reports use. */
#ifndef ORDEAL_CHAOS_STORAGE_OPERATIONS_H
#define ORDEAL_CHAOS_STORAGE_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef enum {
    STORAGE_LOOKUP,
    STORAGE_GETATTR,
    STORAGE_SETATTR, /* mode, owner, times */
    STORAGE_TRUNCATE,
    STORAGE_OPEN_READ,
    STORAGE_OPEN_WRITE,
    STORAGE_CREATE,
    STORAGE_READ,
    STORAGE_WRITE,
    STORAGE_FSYNC,
    STORAGE_FDATASYNC,
    STORAGE_FSYNCDIR,
    STORAGE_FALLOCATE,
    STORAGE_RENAME,
    STORAGE_LINK,
    STORAGE_UNLINK,
    STORAGE_MKDIR,
    STORAGE_RMDIR,
    STORAGE_MKNOD,
    STORAGE_SYMLINK,
    STORAGE_READLINK,
    STORAGE_READDIR,
    STORAGE_STATFS,
    STORAGE_GETXATTR,
    STORAGE_SETXATTR,
    STORAGE_OPERATIONS,
} storage_operation;

#define STORAGE_BIT(operation) (UINT64_C(1) << (operation))
#define STORAGE_ALL            (STORAGE_BIT(STORAGE_OPERATIONS) - 1)
#define STORAGE_SYNCING                                                                            \
    (STORAGE_BIT(STORAGE_FSYNC) | STORAGE_BIT(STORAGE_FDATASYNC) | STORAGE_BIT(STORAGE_FSYNCDIR))
/* What needs more names. */
#define STORAGE_NAMING                                                                             \
    (STORAGE_BIT(STORAGE_CREATE) | STORAGE_BIT(STORAGE_MKDIR) | STORAGE_BIT(STORAGE_MKNOD) |       \
     STORAGE_BIT(STORAGE_SYMLINK) | STORAGE_BIT(STORAGE_LINK))
/* What changes the disk; a sync changes what of it will survive, and is not in here. */
#define STORAGE_MUTATING                                                                           \
    (STORAGE_NAMING | STORAGE_BIT(STORAGE_SETATTR) | STORAGE_BIT(STORAGE_TRUNCATE) |               \
     STORAGE_BIT(STORAGE_WRITE) | STORAGE_BIT(STORAGE_FALLOCATE) | STORAGE_BIT(STORAGE_RENAME) |   \
     STORAGE_BIT(STORAGE_UNLINK) | STORAGE_BIT(STORAGE_RMDIR) | STORAGE_BIT(STORAGE_SETXATTR))

/* "fsyncdir" */
const char *storage_operation_name(storage_operation operation);
/* "write,fsync"; besides the single names: all, open, sync, mutating. ERROR_USAGE with the
 * likeliest name meant when one is unknown. */
bool storage_operations_parse(const char *text, uint64_t *mask, error *e);

#endif
