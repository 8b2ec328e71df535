#include "chaos/storage/watch_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/files.h"

#define PAGE 4096

/* The older calls are not there on every processor. */
const watched_call watched_calls[] = {
#ifdef SYS_open
    {SYS_open, STORAGE_OPEN_READ, -1, 0, -1, -1},
    {SYS_creat, STORAGE_CREATE, -1, 0, -1, -1},
    {SYS_stat, STORAGE_GETATTR, -1, 0, -1, -1},
    {SYS_lstat, STORAGE_GETATTR, -1, 0, -1, -1},
    {SYS_access, STORAGE_GETATTR, -1, 0, -1, -1},
    {SYS_rename, STORAGE_RENAME, -1, 0, -1, 1},
    {SYS_link, STORAGE_LINK, -1, 1, -1, 0},
    {SYS_symlink, STORAGE_SYMLINK, -1, 1, -1, -1},
    {SYS_unlink, STORAGE_UNLINK, -1, 0, -1, -1},
    {SYS_rmdir, STORAGE_RMDIR, -1, 0, -1, -1},
    {SYS_mkdir, STORAGE_MKDIR, -1, 0, -1, -1},
    {SYS_chmod, STORAGE_SETATTR, -1, 0, -1, -1},
#endif
    {SYS_openat, STORAGE_OPEN_READ, 0, 1, -1, -1},
    {SYS_openat2, STORAGE_OPEN_READ, 0, 1, -1, -1},
    {SYS_newfstatat, STORAGE_GETATTR, 0, 1, -1, -1},
    {SYS_statx, STORAGE_GETATTR, 0, 1, -1, -1},
    {SYS_faccessat, STORAGE_GETATTR, 0, 1, -1, -1},
    {SYS_faccessat2, STORAGE_GETATTR, 0, 1, -1, -1},
    {SYS_renameat, STORAGE_RENAME, 0, 1, 2, 3},
    {SYS_renameat2, STORAGE_RENAME, 0, 1, 2, 3},
    {SYS_linkat, STORAGE_LINK, 2, 3, 0, 1},
    {SYS_symlinkat, STORAGE_SYMLINK, 1, 2, -1, -1},
    {SYS_unlinkat, STORAGE_UNLINK, 0, 1, -1, -1},
    {SYS_mkdirat, STORAGE_MKDIR, 0, 1, -1, -1},
    {SYS_fchmodat, STORAGE_SETATTR, 0, 1, -1, -1},
    {SYS_utimensat, STORAGE_SETATTR, 0, 1, -1, -1},
    {SYS_statfs, STORAGE_STATFS, -1, 0, -1, -1},
    {SYS_truncate, STORAGE_TRUNCATE, -1, 0, -1, -1},
    {SYS_fstat, STORAGE_GETATTR, 0, -1, -1, -1},
    {SYS_fstatfs, STORAGE_STATFS, 0, -1, -1, -1},
    {SYS_getdents64, STORAGE_READDIR, 0, -1, -1, -1},
    {SYS_fchmod, STORAGE_SETATTR, 0, -1, -1, -1},
    {SYS_ftruncate, STORAGE_TRUNCATE, 0, -1, -1, -1},
    {SYS_fallocate, STORAGE_FALLOCATE, 0, -1, -1, -1},
    {SYS_fsync, STORAGE_FSYNC, 0, -1, -1, -1},
    {SYS_fdatasync, STORAGE_FDATASYNC, 0, -1, -1, -1},
    {SYS_read, STORAGE_READ, 0, -1, -1, -1},
    {SYS_pread64, STORAGE_READ, 0, -1, -1, -1},
    {SYS_readv, STORAGE_READ, 0, -1, -1, -1},
    {SYS_preadv, STORAGE_READ, 0, -1, -1, -1},
    {SYS_preadv2, STORAGE_READ, 0, -1, -1, -1},
    {SYS_sendfile, STORAGE_READ, 1, -1, -1, -1},
    {SYS_write, STORAGE_WRITE, 0, -1, -1, -1},
    {SYS_pwrite64, STORAGE_WRITE, 0, -1, -1, -1},
    {SYS_writev, STORAGE_WRITE, 0, -1, -1, -1},
    {SYS_pwritev, STORAGE_WRITE, 0, -1, -1, -1},
    {SYS_pwritev2, STORAGE_WRITE, 0, -1, -1, -1},
    {SYS_copy_file_range, STORAGE_WRITE, 2, -1, -1, -1},
};
const size_t watched_call_count = sizeof watched_calls / sizeof watched_calls[0];

static bool read_memory(pid_t pid, uint64_t from, void *bytes, size_t length)
{
    struct iovec here = {.iov_base = bytes, .iov_len = length};
    struct iovec there = {.iov_base = (void *)(uintptr_t)from, .iov_len = length};
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)length;
}

/* Page by page, because the one behind the text may not be there. */
static bool read_text(pid_t pid, uint64_t from, char text[PATH_MAX])
{
    size_t used = 0;
    while (used < PATH_MAX) {
        size_t piece = PAGE - (from + used) % PAGE;
        if (piece > PATH_MAX - used)
            piece = PATH_MAX - used;
        if (!read_memory(pid, from + used, text + used, piece))
            return false;
        if (memchr(text + used, '\0', piece) != NULL)
            return true;
        used += piece;
    }
    return false;
}

static bool read_link(const char *link, char out[PATH_MAX])
{
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool descriptor_place(pid_t pid, int descriptor, char out[PATH_MAX])
{
    static const char deleted[] = " (deleted)";
    char link[64];
    struct stat status;
    if (descriptor == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
    else
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, descriptor);
    if (!read_link(link, out))
        return false;
    size_t length = strlen(out);
    size_t tail = sizeof deleted - 1;
    if (length > tail && strcmp(out + length - tail, deleted) == 0 && stat(link, &status) == 0 &&
        status.st_nlink == 0)
        out[length - tail] = '\0';
    return true;
}

/* What it is called without links and dots on the way; a last name that is a link stays one. */
static void straighten(char path[PATH_MAX])
{
    char folder[PATH_MAX];
    char whole[PATH_MAX];
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return;
    bool dots = strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0 || slash[1] == '\0';
    if (!dots)
        *slash = '\0';
    bool known = realpath(path, folder) != NULL;
    if (!dots)
        *slash = '/';
    error ignored = {0};
    if (known && dots)
        snprintf(path, PATH_MAX, "%s", folder);
    else if (known && files_join(whole, sizeof whole, folder, slash + 1, &ignored))
        memcpy(path, whole, sizeof whole);
}

static bool whole_path(const struct seccomp_notif *asked, int descriptor_at, int path_at,
                       char out[PATH_MAX])
{
    char text[PATH_MAX] = "";
    char base[PATH_MAX];
    error ignored = {0};
    pid_t pid = (pid_t)asked->pid;
    int descriptor = descriptor_at < 0 ? AT_FDCWD : (int)asked->data.args[descriptor_at];
    if (path_at >= 0 && !read_text(pid, asked->data.args[path_at], text))
        return false;
    if (text[0] == '/') {
        memcpy(out, text, sizeof text);
    } else {
        if (!descriptor_place(pid, descriptor, base))
            return false;
        if (text[0] == '\0')
            memcpy(out, base, sizeof base);
        else if (!files_join(out, PATH_MAX, base, text, &ignored))
            return false;
    }
    if (text[0] != '\0')
        straighten(out);
    return true;
}

/* Cuts `root` off. */
static bool is_below(char path[PATH_MAX], const char *root)
{
    size_t length = strlen(root);
    if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return false;
    memmove(path, path + length, strlen(path + length) + 1);
    if (path[0] == '\0')
        memcpy(path, "/", 2);
    return true;
}

static storage_operation opening(const struct seccomp_notif *asked, const char *path)
{
    uint64_t flags = asked->data.args[2];
#ifdef SYS_open
    if (asked->data.nr == SYS_open)
        flags = asked->data.args[1];
#endif
    /* The flags are the first of what openat2 is given. */
    if (asked->data.nr == SYS_openat2 &&
        !read_memory((pid_t)asked->pid, asked->data.args[2], &flags, sizeof flags))
        flags = 0;
    bool fresh = (flags & O_TMPFILE) == O_TMPFILE ||
                 ((flags & O_CREAT) && access(path, F_OK) != 0 && errno == ENOENT);
    if (fresh)
        return STORAGE_CREATE;
    /* As chaosfs sees it: a directory is looked up, and counts again when it is read. */
    struct stat status;
    if ((flags & O_DIRECTORY) || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return STORAGE_LOOKUP;
    return (flags & O_ACCMODE) == O_RDONLY ? STORAGE_OPEN_READ : STORAGE_OPEN_WRITE;
}

/* `path` is whole. */
static storage_operation refine(const watched_call *call, const struct seccomp_notif *asked,
                                const char *path)
{
    struct stat status;
    if (call->operation == STORAGE_OPEN_READ)
        return opening(asked, path);
    if (call->number == SYS_unlinkat && (asked->data.args[2] & AT_REMOVEDIR))
        return STORAGE_RMDIR;
    if ((STORAGE_BIT(call->operation) & STORAGE_SYNCING) && stat(path, &status) == 0 &&
        S_ISDIR(status.st_mode))
        return STORAGE_FSYNCDIR;
    return call->operation;
}

bool watch_describe(const struct seccomp_notif *asked, const char *root, call_subject *out)
{
    const watched_call *call = NULL;
    for (size_t i = 0; i < watched_call_count && call == NULL; i++)
        if (watched_calls[i].number == asked->data.nr)
            call = &watched_calls[i];
    if (call == NULL || !whole_path(asked, call->descriptor, call->path, out->paths[0]))
        return false;
    out->operation = refine(call, asked, out->paths[0]);
    out->by_name = call->path >= 0;
    out->two = call->other_path >= 0 &&
               whole_path(asked, call->other_descriptor, call->other_path, out->paths[1]) &&
               is_below(out->paths[1], root);
    if (is_below(out->paths[0], root))
        return true;
    if (out->two)
        memcpy(out->paths[0], out->paths[1], sizeof out->paths[0]);
    bool about = out->two;
    out->two = false;
    return about;
}
