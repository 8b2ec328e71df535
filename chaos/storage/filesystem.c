#include "chaos/storage/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CACHE_SECONDS 86400.0

typedef struct {
    const filesystem *fs;
    const inode *one;
    const char *name;
} subject;

inode *filesystem_inode(const filesystem *fs, fuse_ino_t number)
{
    return number == FUSE_ROOT_ID ? inodes_root(fs->inodes) : (inode *)number;
}

fuse_ino_t filesystem_number(const filesystem *fs, const inode *one)
{
    return one == inodes_root(fs->inodes) ? FUSE_ROOT_ID : (fuse_ino_t)one;
}

double filesystem_cache_seconds(const filesystem *fs)
{
    return (atomic_load(&fs->control->armed) & ~STORAGE_ARMED_REPLACING) == 0 ? CACHE_SECONDS : 0;
}

static void write_path(const void *of, char *path, unsigned long size)
{
    const subject *s = of;
    inodes_path(s->fs->inodes, s->one, path, size);
    if (s->name == NULL)
        return;
    size_t length = strlen(path);
    if (length == 1)
        length = 0;
    snprintf(path + length, size - length, "/%s", s->name);
}

/* The gate shuts before the signal, so that nothing which the dying process still sends gets
 * through. */
static void crash(filesystem *fs, pid_t pid)
{
    atomic_fetch_or(&fs->control->armed, STORAGE_ARMED_CRASHED);
    if (pid > 0)
        kill(pid, SIGKILL);
}

static bool refuse(operation *o, int error_number)
{
    fuse_reply_err(o->request, error_number);
    return false;
}

static void log_failed_sync(operation *o, const inode *one)
{
    if ((STORAGE_BIT(o->operation) & STORAGE_SYNCING) == 0)
        return;
    log_record failed = {
        .kind = LOG_SYNC_FAILED, .inode = one->id, .size = operation_log_sequence(o->fs->log)};
    operation_log_append(o->fs->log, failed, NULL, NULL, NULL, 0);
}

static bool enter_armed(operation *o, const subject *first, const subject *second)
{
    storage_control *control = o->fs->control;
    if (atomic_load(&control->armed) & STORAGE_ARMED_CRASHED)
        return refuse(o, EIO);
    if (atomic_load(&control->armed) & STORAGE_ARMED_REPLACING)
        return true;
    atomic_fetch_add(&control->done_by[o->operation], 1);
    o->verdict = storage_decide(control, o->operation, write_path, first, second);
    if (atomic_load(&control->armed) & STORAGE_ARMED_CRASHED)
        return refuse(o, EIO);
    if (o->verdict.fired && o->verdict.action == STORAGE_ERROR) {
        log_failed_sync(o, first->one);
        return refuse(o, o->verdict.error_number);
    }
    if (o->verdict.fired && o->verdict.action == STORAGE_KILL_BEFORE) {
        crash(o->fs, o->verdict.pid);
        return refuse(o, EIO);
    }
    return true;
}

bool operation_enter_two(operation *o, fuse_req_t request, storage_operation kind, const inode *one,
                         const char *name, const inode *other, const char *other_name)
{
    o->fs = fuse_req_userdata(request);
    o->request = request;
    o->operation = kind;
    o->verdict.fired = false;
    if (o->fs->asks && fuse_req_ctx(request)->uid != 0) {
        int refused = permissions_ask(request, kind, one, name, other, other_name);
        if (refused != 0)
            return refuse(o, refused);
    }
    if (__builtin_expect(atomic_load(&o->fs->control->armed) == 0, 1))
        return true;
    subject first = {o->fs, one, name};
    subject second = {o->fs, other, other_name};
    return enter_armed(o, &first, other == NULL ? NULL : &second);
}

bool operation_enter(operation *o, fuse_req_t request, storage_operation kind, const inode *one,
                     const char *name)
{
    return operation_enter_two(o, request, kind, one, name, NULL, NULL);
}

bool operation_leave(operation *o)
{
    if (!o->verdict.fired || o->verdict.action != STORAGE_KILL_AFTER)
        return true;
    crash(o->fs, o->verdict.pid);
    return refuse(o, EIO);
}

static void count_full(operation *o)
{
    storage_control *control = o->fs->control;
    if ((atomic_load(&control->armed) & STORAGE_ARMED_BUDGET) == 0)
        atomic_fetch_add(&control->backing_full, 1);
}

void operation_finish(operation *o, int error_number)
{
    if (error_number == ENOSPC)
        count_full(o);
    if (operation_leave(o))
        fuse_reply_err(o->request, error_number);
}

int filesystem_take_entry(filesystem *fs, inode *parent, const char *name, log_record record,
                          const char *second, struct fuse_entry_param *entry)
{
    memset(entry, 0, sizeof *entry);
    int fd = openat(parent->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno;
    if (fstat(fd, &entry->attr) != 0) {
        int failed = errno;
        close(fd);
        return failed;
    }
    bool fresh;
    inode *one = inodes_take(fs->inodes, fd, &entry->attr, &fresh);
    if (fresh || record.kind != LOG_MET) {
        record.inode = one->id;
        record.parent = parent->id;
        operation_log_append(fs->log, record, name, second, NULL, 0);
    }
    entry->ino = filesystem_number(fs, one);
    entry->attr_timeout = entry->entry_timeout = filesystem_cache_seconds(fs);
    return 0;
}

void operation_finish_entry(operation *o, inode *parent, const char *name, log_record record,
                            const char *second)
{
    struct fuse_entry_param entry;
    int failed = filesystem_take_entry(o->fs, parent, name, record, second, &entry);
    if (failed != 0)
        operation_finish(o, failed);
    else if (operation_leave(o))
        fuse_reply_entry(o->request, &entry);
    else
        inodes_forget(o->fs->inodes, filesystem_inode(o->fs, entry.ino), 1);
}

const char *descriptor_link(int fd, descriptor_name name)
{
    snprintf(name, sizeof(descriptor_name), "/proc/self/fd/%d", fd);
    return name;
}

int filesystem_reopen(const inode *one, int flags)
{
    descriptor_name name;
    int fd = open(descriptor_link(one->fd, name), flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
