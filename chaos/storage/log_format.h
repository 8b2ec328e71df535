/* The operation log: every change that reached the backing directory, in the order in which it took
 * effect, with sync marks; enough to rebuild every disk that a power cut may leave.
 *
 * A file is a sequence of records: this head, then name, second name and data, then zeros up to a
 * multiple of eight. Numbers are in the machine's order. Inodes go by numbers that chaosfs gives
 * when it first meets them (1 is the root of the mount), never by those of the backing file system,
 * which are used again. */
#ifndef ORDEAL_CHAOS_STORAGE_LOG_FORMAT_H
#define ORDEAL_CHAOS_STORAGE_LOG_FORMAT_H

#include <stdint.h>

#define LOG_MAGIC UINT32_C(0x4f4c4f47) /* "OLOG" */
#define LOG_ROOT  UINT64_C(1)

typedef enum {
    LOG_MET,     /* `inode` is what (parent, name) names; it was there before */
    LOG_CREATE,  /* regular file `inode` at (parent, name), `mode` */
    LOG_MKDIR,   /* likewise a directory */
    LOG_SYMLINK, /* likewise; the second name is where it points */
    LOG_MKNOD,   /* likewise, a fifo or socket */
    LOG_LINK,    /* one more name for `inode` */
    LOG_UNLINK,  /* (parent, name) is gone */
    LOG_RMDIR,
    LOG_RENAME,      /* (parent, name) to (other, second name); `mode` holds the flags */
    LOG_WRITE,       /* data at `offset` */
    LOG_TRUNCATE,    /* to `size` */
    LOG_ALLOCATE,    /* fallocate: `mode`, `offset`, `size` */
    LOG_MODE,        /* permission bits */
    LOG_FSYNC,       /* all that `inode` got up to sequence `size` is on the disk */
    LOG_FSYNCDIR,    /* likewise for a directory's names */
    LOG_SYNC_FAILED, /* an fsync of `inode` failed: what it had not synced by then is never on the
                        disk unless written again */
    LOG_SETTLED,     /* all so far is on the disk: the harness has put it there after a power cut */
    LOG_REPLACING,   /* what follows up to LOG_SETTLED is the harness's doing, not the target's */
    LOG_KINDS,
} log_kind;

typedef struct {
    uint32_t magic;
    uint32_t kind;
    uint64_t sequence;
    uint64_t checksum; /* XXH3 of the whole record with this field zero */
    uint64_t inode;
    uint64_t parent;
    uint64_t other;
    uint64_t offset;
    uint64_t size;
    uint32_t mode;
    uint32_t name_length;
    uint32_t second_length;
    uint32_t data_length;
} log_record;

#define LOG_PADDED(length) (((length) + 7) & ~(uint64_t)7)

#endif
