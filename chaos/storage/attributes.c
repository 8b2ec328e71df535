/* Attributes of files and of the file system. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/arena.h"
#include "chaos/storage/filesystem.h"

static void reply_attributes(operation *o, const inode *one)
{
    struct stat status;
    if (fstatat(one->fd, "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
        operation_finish(o, errno);
    else if (operation_leave(o))
        fuse_reply_attr(o->request, &status, filesystem_cache_seconds(o->fs));
}

static void do_getattr(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
    (void)file;
    operation o;
    inode *one = filesystem_inode(fuse_req_userdata(request), number);
    if (operation_enter(&o, request, STORAGE_GETATTR, one, NULL))
        reply_attributes(&o, one);
}

static int change_size(filesystem *fs, const inode *one, off_t size)
{
    struct stat status;
    descriptor_name name;
    if (fstat(one->fd, &status) != 0)
        return errno;
    int failed = budget_resize(fs, status.st_size, size);
    if (failed != 0)
        return failed;
    if (truncate(descriptor_link(one->fd, name), size) != 0)
        return errno;
    log_record record = {.kind = LOG_TRUNCATE, .inode = one->id, .size = (uint64_t)size};
    operation_log_append(fs->log, record, NULL, NULL, NULL, 0);
    return 0;
}

static int change_mode(filesystem *fs, const inode *one, mode_t mode)
{
    descriptor_name name;
    if (chmod(descriptor_link(one->fd, name), mode) != 0)
        return errno;
    log_record record = {.kind = LOG_MODE, .inode = one->id, .mode = mode & 07777};
    operation_log_append(fs->log, record, NULL, NULL, NULL, 0);
    return 0;
}

static int change_owner(const inode *one, const struct stat *wanted, int set)
{
    uid_t user = set & FUSE_SET_ATTR_UID ? wanted->st_uid : (uid_t)-1;
    gid_t group = set & FUSE_SET_ATTR_GID ? wanted->st_gid : (gid_t)-1;
    return fchownat(one->fd, "", user, group, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

static struct timespec time_wanted(struct timespec given, int set, int now, int value)
{
    if (set & now)
        return (struct timespec){.tv_nsec = UTIME_NOW};
    if (set & value)
        return given;
    return (struct timespec){.tv_nsec = UTIME_OMIT};
}

static int change_times(const inode *one, const struct stat *wanted, int set)
{
    descriptor_name name;
    struct timespec times[2] = {
        time_wanted(wanted->st_atim, set, FUSE_SET_ATTR_ATIME_NOW, FUSE_SET_ATTR_ATIME),
        time_wanted(wanted->st_mtim, set, FUSE_SET_ATTR_MTIME_NOW, FUSE_SET_ATTR_MTIME)};
    return utimensat(AT_FDCWD, descriptor_link(one->fd, name), times, 0) == 0 ? 0 : errno;
}

static void do_setattr(fuse_req_t request, fuse_ino_t number, struct stat *wanted, int set,
                       struct fuse_file_info *file)
{
    (void)file;
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    storage_operation kind = set & FUSE_SET_ATTR_SIZE ? STORAGE_TRUNCATE : STORAGE_SETATTR;
    if (!operation_enter(&o, request, kind, one, NULL))
        return;
    int failed = 0;
    if (set & FUSE_SET_ATTR_SIZE)
        failed = change_size(fs, one, wanted->st_size);
    if (failed == 0 && (set & FUSE_SET_ATTR_MODE))
        failed = change_mode(fs, one, wanted->st_mode);
    if (failed == 0 && (set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)))
        failed = change_owner(one, wanted, set);
    if (failed == 0 && (set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW |
                               FUSE_SET_ATTR_MTIME_NOW)))
        failed = change_times(one, wanted, set);
    if (failed != 0)
        operation_finish(&o, failed);
    else
        reply_attributes(&o, one);
}

/* A full disk shows itself here too; a quota does not. */
static void show_budget(const storage_control *control, struct statvfs *numbers)
{
    if ((atomic_load(&control->armed) & STORAGE_ARMED_BUDGET) == 0 ||
        atomic_load(&control->budget_error) != ENOSPC)
        return;
    int64_t left = atomic_load(&control->budget);
    fsblkcnt_t blocks = left <= 0 ? 0 : (fsblkcnt_t)left / numbers->f_frsize;
    if (numbers->f_bfree > blocks)
        numbers->f_bfree = blocks;
    if (numbers->f_bavail > blocks)
        numbers->f_bavail = blocks;
}

static void do_statfs(fuse_req_t request, fuse_ino_t number)
{
    operation o;
    struct statvfs numbers;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!operation_enter(&o, request, STORAGE_STATFS, one, NULL))
        return;
    if (fstatvfs(one->fd, &numbers) != 0) {
        operation_finish(&o, errno);
        return;
    }
    show_budget(fs->control, &numbers);
    if (operation_leave(&o))
        fuse_reply_statfs(request, &numbers);
}

static void reply_attribute(operation *o, char *value, ssize_t length, size_t size)
{
    if (length < 0)
        operation_finish(o, errno);
    else if (!operation_leave(o))
        return;
    else if (size == 0)
        fuse_reply_xattr(o->request, (size_t)length);
    else
        fuse_reply_buf(o->request, value, (size_t)length);
}

static void do_getxattr(fuse_req_t request, fuse_ino_t number, const char *name, size_t size)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!fs->xattrs) {
        fuse_reply_err(request, ENOSYS);
        return;
    }
    if (!operation_enter(&o, request, STORAGE_GETXATTR, one, NULL))
        return;
    descriptor_name link;
    char *value = memory_take(size + 1);
    reply_attribute(&o, value, getxattr(descriptor_link(one->fd, link), name, value, size), size);
    free(value);
}

static void do_listxattr(fuse_req_t request, fuse_ino_t number, size_t size)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!fs->xattrs) {
        fuse_reply_err(request, ENOSYS);
        return;
    }
    if (!operation_enter(&o, request, STORAGE_GETXATTR, one, NULL))
        return;
    descriptor_name link;
    char *value = memory_take(size + 1);
    reply_attribute(&o, value, listxattr(descriptor_link(one->fd, link), value, size), size);
    free(value);
}

static void do_setxattr(fuse_req_t request, fuse_ino_t number, const char *name, const char *value,
                        size_t size, int flags)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    descriptor_name link;
    if (!fs->xattrs)
        fuse_reply_err(request, ENOSYS);
    else if (operation_enter(&o, request, STORAGE_SETXATTR, one, NULL))
        operation_finish(&o, setxattr(descriptor_link(one->fd, link), name, value, size, flags) == 0
                                 ? 0
                                 : errno);
}

static void do_removexattr(fuse_req_t request, fuse_ino_t number, const char *name)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    descriptor_name link;
    if (!fs->xattrs)
        fuse_reply_err(request, ENOSYS);
    else if (operation_enter(&o, request, STORAGE_SETXATTR, one, NULL))
        operation_finish(&o, removexattr(descriptor_link(one->fd, link), name) == 0 ? 0 : errno);
}

void attributes_register(struct fuse_lowlevel_ops *table)
{
    table->getattr = do_getattr;
    table->setattr = do_setattr;
    table->statfs = do_statfs;
    table->getxattr = do_getxattr;
    table->listxattr = do_listxattr;
    table->setxattr = do_setxattr;
    table->removexattr = do_removexattr;
}
