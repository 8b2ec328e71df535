/* Listing and syncing directories.
 *
 * opendir is answered ENOSYS once, which spares the kernel two round trips for each fsync of a
 * directory; each of these therefore opens one for itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "chaos/storage/filesystem.h"

#define ENTRIES_BYTES 32768

static void do_opendir(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
    (void)number;
    (void)file;
    fuse_reply_err(request, ENOSYS);
}

/* Packs entries from `offset` on into `out`. The bytes used, or -errno. */
static ssize_t pack_entries(fuse_req_t request, int fd, off_t offset, char *out, size_t size)
{
    _Alignas(struct dirent64) char entries[ENTRIES_BYTES];
    size_t used = 0;
    if (lseek(fd, offset, SEEK_SET) < 0)
        return -errno;
    for (;;) {
        ssize_t length = getdents64(fd, entries, sizeof entries);
        if (length < 0)
            return -errno;
        if (length == 0)
            return (ssize_t)used;
        for (ssize_t at = 0; at < length;) {
            struct dirent64 *entry = (struct dirent64 *)(void *)(entries + at);
            struct stat status = {.st_ino = entry->d_ino, .st_mode = (mode_t)entry->d_type << 12};
            size_t needed = fuse_add_direntry(request, out + used, size - used, entry->d_name,
                                              &status, entry->d_off);
            if (needed > size - used)
                return (ssize_t)used;
            used += needed;
            at += entry->d_reclen;
        }
    }
}

static void do_readdir(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
                       struct fuse_file_info *file)
{
    (void)file;
    operation o;
    inode *one = filesystem_inode(fuse_req_userdata(request), number);
    if (!operation_enter(&o, request, STORAGE_READDIR, one, NULL))
        return;
    int fd = filesystem_reopen(one, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        operation_finish(&o, -fd);
        return;
    }
    char *out = memory_take(size);
    ssize_t used = pack_entries(request, fd, offset, out, size);
    if (used < 0)
        operation_finish(&o, (int)-used);
    else if (operation_leave(&o))
        fuse_reply_buf(request, out, (size_t)used);
    free(out);
    close(fd);
}

static void do_fsyncdir(fuse_req_t request, fuse_ino_t number, int data_only,
                        struct fuse_file_info *file)
{
    (void)data_only;
    (void)file;
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!operation_enter(&o, request, STORAGE_FSYNCDIR, one, NULL))
        return;
    uint64_t covered = operation_log_sequence(fs->log);
    int fd = filesystem_reopen(one, O_RDONLY | O_DIRECTORY);
    int failed = fd < 0 ? -fd : fsync(fd) == 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    log_record record = {
        .kind = failed == 0 ? LOG_FSYNCDIR : LOG_SYNC_FAILED, .inode = one->id, .size = covered};
    operation_log_append(fs->log, record, NULL, NULL, NULL, 0);
    operation_finish(&o, failed);
}

void directories_register(struct fuse_lowlevel_ops *table)
{
    table->opendir = do_opendir;
    table->readdir = do_readdir;
    table->fsyncdir = do_fsyncdir;
}
