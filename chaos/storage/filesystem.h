/* chaosfs itself: a pass-through file system on the libfuse low-level interface. This header is
 * what the groups of operations share; one operation is: enter, do it on the backing directory, log
 * it, leave, reply.
 *
 * Names and attributes are cached by the kernel for a day while nothing is armed and not at all
 * while something is. Never direct_io (SQLite's shared memory dies), never the write-back cache
 * (errors would come late). Locks are the kernel's. O_TMPFILE is not in this libfuse's interface:
 * programs get EOPNOTSUPP and take their other way. */
#ifndef ORDEAL_CHAOS_STORAGE_FILESYSTEM_H
#define ORDEAL_CHAOS_STORAGE_FILESYSTEM_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "chaos/storage/inodes.h"
#include "chaos/storage/operation_log.h"
#include "chaos/storage/rules.h"

typedef struct invalidator invalidator;

typedef struct {
    struct fuse_session *session;
    inode_table *inodes;
    storage_control *control;
    operation_log *log;
    invalidator *invalidator;
    bool asks;   /* for permission itself, because the kernel does not */
    bool xattrs; /* off: one answer of ENOSYS spares a round trip before each first write */
} filesystem;

/* One operation under way. */
typedef struct {
    filesystem *fs;
    fuse_req_t request;
    storage_operation operation;
    storage_verdict verdict;
} operation;

inode *filesystem_inode(const filesystem *fs, fuse_ino_t number);
fuse_ino_t filesystem_number(const filesystem *fs, const inode *one);
double filesystem_cache_seconds(const filesystem *fs);

/* Asks the rules about `name` in `one` (NULL: `one` itself). False: the reply is sent already. */
bool operation_enter(operation *o, fuse_req_t request, storage_operation kind, const inode *one,
                     const char *name);
/* Two places at once, for rename and link. */
bool operation_enter_two(operation *o, fuse_req_t request, storage_operation kind, const inode *one,
                         const char *name, const inode *other, const char *other_name);
/* Before the reply of an operation that was done; false: the reply is sent already (the target was
 * killed right after it). */
bool operation_leave(operation *o);
/* leave, then reply with `error_number` (0: success). */
void operation_finish(operation *o, int error_number);
/* leave, then reply with the entry for `name`, looked up anew; its inode goes to the log record,
 * which is appended unless its kind is LOG_MET and the inode was known. */
void operation_finish_entry(operation *o, inode *parent, const char *name, log_record record,
                            const char *second);
/* The same without the reply. Returns 0 or errno. */
int filesystem_take_entry(filesystem *fs, inode *parent, const char *name, log_record record,
                          const char *second, struct fuse_entry_param *entry);

/* "/proc/self/fd/N": reopens an O_PATH descriptor. */
typedef char descriptor_name[32];
const char *descriptor_link(int fd, descriptor_name name);
/* A descriptor of one's own for `one`, or -errno. */
int filesystem_reopen(const inode *one, int flags);

/* permissions.c: 0, or why this caller, who is not root, is refused. */
int permissions_ask(fuse_req_t request, storage_operation kind, const inode *one, const char *name,
                    const inode *other, const char *other_name);

/* The byte budget; every one is a no-op unless it is armed. Of `wanted` bytes at `offset`, how many
 * may be written: all, a part, or -errno. */
int64_t budget_take(filesystem *fs, int fd, off_t offset, size_t wanted);
/* 0, or errno: no more names on a full disk. */
int budget_name(filesystem *fs);
/* A file of `before` bytes becomes `after` long, or goes (0). 0 or errno. */
int budget_resize(filesystem *fs, off_t before, off_t after);

/* Each group puts its rows into the table. */
void names_register(struct fuse_lowlevel_ops *table);
void content_register(struct fuse_lowlevel_ops *table);
void directories_register(struct fuse_lowlevel_ops *table);
void attributes_register(struct fuse_lowlevel_ops *table);

#endif
