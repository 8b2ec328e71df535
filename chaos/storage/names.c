/* What makes, moves and removes names. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaos/storage/filesystem.h"

static void do_lookup(fuse_req_t request, fuse_ino_t in, const char *name)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *parent = filesystem_inode(fs, in);
    if (operation_enter(&o, request, STORAGE_LOOKUP, parent, name))
        operation_finish_entry(&o, parent, name, (log_record){.kind = LOG_MET}, NULL);
}

static void do_forget(fuse_req_t request, fuse_ino_t number, uint64_t lookups)
{
    filesystem *fs = fuse_req_userdata(request);
    inodes_forget(fs->inodes, filesystem_inode(fs, number), lookups);
    fuse_reply_none(request);
}

static void do_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets)
{
    filesystem *fs = fuse_req_userdata(request);
    for (size_t i = 0; i < count; i++)
        inodes_forget(fs->inodes, filesystem_inode(fs, forgets[i].ino), forgets[i].nlookup);
    fuse_reply_none(request);
}

/* We run as root; what the caller makes is the caller's. */
static void give_to_caller(fuse_req_t request, int directory, const char *name)
{
    const struct fuse_ctx *caller = fuse_req_ctx(request);
    if (geteuid() == 0 && (caller->uid != 0 || caller->gid != 0) &&
        fchownat(directory, name, caller->uid, caller->gid, AT_SYMLINK_NOFOLLOW) != 0)
        fuse_log(FUSE_LOG_WARNING, "cannot give '%s' to its maker: %s\n", name, strerror(errno));
}

static void do_create(fuse_req_t request, fuse_ino_t in, const char *name, mode_t mode,
                      struct fuse_file_info *file)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *parent = filesystem_inode(fs, in);
    if (!operation_enter(&o, request, STORAGE_CREATE, parent, name))
        return;
    int failed = budget_name(fs);
    if (failed != 0) {
        operation_finish(&o, failed);
        return;
    }
    int flags = (file->flags & ~(O_NOFOLLOW | O_DIRECT | O_APPEND)) | O_CREAT | O_CLOEXEC;
    int fd = openat(parent->fd, name, flags, mode);
    if (fd < 0) {
        operation_finish(&o, errno);
        return;
    }
    give_to_caller(request, parent->fd, name);
    struct fuse_entry_param entry;
    log_record record = {.kind = LOG_CREATE, .mode = mode & 07777};
    failed = filesystem_take_entry(fs, parent, name, record, NULL, &entry);
    file->fh = (uint64_t)fd;
    file->keep_cache = 1;
    file->noflush = 1;
    if (failed != 0) {
        operation_finish(&o, failed);
        close(fd);
        return;
    }
    bool left = operation_leave(&o);
    if (!left || fuse_reply_create(request, &entry, file) != 0) {
        inodes_forget(fs->inodes, filesystem_inode(fs, entry.ino), 1);
        close(fd);
    }
}

/* mkdir, mknod and symlink are one story. */
static void make(fuse_req_t request, fuse_ino_t in, const char *name, storage_operation kind,
                 log_record record, dev_t device, const char *target)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *parent = filesystem_inode(fs, in);
    if (!operation_enter(&o, request, kind, parent, name))
        return;
    int failed = budget_name(fs);
    int result = 0;
    if (failed != 0) {
        operation_finish(&o, failed);
        return;
    }
    if (record.kind == LOG_SYMLINK)
        result = symlinkat(target, parent->fd, name);
    else if (record.kind == LOG_MKDIR)
        result = mkdirat(parent->fd, name, record.mode);
    else
        result = mknodat(parent->fd, name, record.mode, device);
    if (result != 0) {
        operation_finish(&o, errno);
        return;
    }
    give_to_caller(request, parent->fd, name);
    operation_finish_entry(&o, parent, name, record, target);
}

static void do_mkdir(fuse_req_t request, fuse_ino_t in, const char *name, mode_t mode)
{
    make(request, in, name, STORAGE_MKDIR, (log_record){.kind = LOG_MKDIR, .mode = mode}, 0, NULL);
}

static void do_mknod(fuse_req_t request, fuse_ino_t in, const char *name, mode_t mode, dev_t device)
{
    log_record record = {.kind = S_ISREG(mode) ? LOG_CREATE : LOG_MKNOD, .mode = mode};
    make(request, in, name, STORAGE_MKNOD, record, device, NULL);
}

static void do_symlink(fuse_req_t request, const char *target, fuse_ino_t in, const char *name)
{
    make(request, in, name, STORAGE_SYMLINK, (log_record){.kind = LOG_SYMLINK}, 0, target);
}

static void do_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t in, const char *name)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    inode *parent = filesystem_inode(fs, in);
    if (!operation_enter_two(&o, request, STORAGE_LINK, parent, name, one, NULL))
        return;
    descriptor_name source;
    int failed = budget_name(fs);
    if (failed == 0 && linkat(AT_FDCWD, descriptor_link(one->fd, source), parent->fd, name,
                              AT_SYMLINK_FOLLOW) != 0)
        failed = errno;
    if (failed != 0)
        operation_finish(&o, failed);
    else
        operation_finish_entry(&o, parent, name, (log_record){.kind = LOG_LINK}, NULL);
}

/* Bytes come back with the last name, as if no one had the file open. */
static void give_back(filesystem *fs, inode *parent, const char *name)
{
    struct stat status;
    if (fstatat(parent->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
        status.st_nlink == 1)
        budget_resize(fs, status.st_size, 0);
}

static void take_away(fuse_req_t request, fuse_ino_t in, const char *name, storage_operation kind,
                      log_kind logged, int flags)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *parent = filesystem_inode(fs, in);
    if (!operation_enter(&o, request, kind, parent, name))
        return;
    if (atomic_load(&fs->control->armed) & STORAGE_ARMED_BUDGET)
        give_back(fs, parent, name);
    if (unlinkat(parent->fd, name, flags) != 0) {
        operation_finish(&o, errno);
        return;
    }
    log_record record = {.kind = logged, .parent = parent->id};
    operation_log_append(fs->log, record, name, NULL, NULL, 0);
    operation_finish(&o, 0);
}

static void do_unlink(fuse_req_t request, fuse_ino_t in, const char *name)
{
    take_away(request, in, name, STORAGE_UNLINK, LOG_UNLINK, 0);
}

static void do_rmdir(fuse_req_t request, fuse_ino_t in, const char *name)
{
    take_away(request, in, name, STORAGE_RMDIR, LOG_RMDIR, AT_REMOVEDIR);
}

static void do_rename(fuse_req_t request, fuse_ino_t from, const char *name, fuse_ino_t to,
                      const char *new_name, unsigned flags)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *source = filesystem_inode(fs, from);
    inode *target = filesystem_inode(fs, to);
    if (!operation_enter_two(&o, request, STORAGE_RENAME, source, name, target, new_name))
        return;
    if (flags == 0 && (atomic_load(&fs->control->armed) & STORAGE_ARMED_BUDGET))
        give_back(fs, target, new_name);
    if (renameat2(source->fd, name, target->fd, new_name, flags) != 0) {
        operation_finish(&o, errno);
        return;
    }
    log_record record = {
        .kind = LOG_RENAME, .parent = source->id, .other = target->id, .mode = flags};
    operation_log_append(fs->log, record, name, new_name, NULL, 0);
    operation_finish(&o, 0);
}

static void do_readlink(fuse_req_t request, fuse_ino_t number)
{
    operation o;
    char target[PATH_MAX + 1];
    inode *one = filesystem_inode(fuse_req_userdata(request), number);
    if (!operation_enter(&o, request, STORAGE_READLINK, one, NULL))
        return;
    ssize_t length = readlinkat(one->fd, "", target, sizeof target - 1);
    if (length < 0) {
        operation_finish(&o, errno);
        return;
    }
    target[length] = '\0';
    if (operation_leave(&o))
        fuse_reply_readlink(request, target);
}

void names_register(struct fuse_lowlevel_ops *table)
{
    table->lookup = do_lookup;
    table->forget = do_forget;
    table->forget_multi = do_forget_multi;
    table->create = do_create;
    table->mkdir = do_mkdir;
    table->mknod = do_mknod;
    table->symlink = do_symlink;
    table->link = do_link;
    table->unlink = do_unlink;
    table->rmdir = do_rmdir;
    table->rename = do_rename;
    table->readlink = do_readlink;
}
