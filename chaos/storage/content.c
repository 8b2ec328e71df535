/* Open files: reading, writing, syncing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/random.h"
#include "chaos/storage/filesystem.h"
#include "chaos/storage/invalidator.h"

#define FLIP_BLOCK 4096

static void do_open(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
    operation o;
    inode *one = filesystem_inode(fuse_req_userdata(request), number);
    bool writes = (file->flags & O_ACCMODE) != O_RDONLY;
    if (!operation_enter(&o, request, writes ? STORAGE_OPEN_WRITE : STORAGE_OPEN_READ, one, NULL))
        return;
    /* The kernel gives us the offset of an append; O_APPEND below would write at the end twice. */
    int fd = filesystem_reopen(one, file->flags & ~(O_NOFOLLOW | O_DIRECT | O_APPEND));
    if (fd < 0) {
        operation_finish(&o, -fd);
        return;
    }
    file->fh = (uint64_t)fd;
    file->keep_cache = 1;
    file->noflush = 1;
    bool left = operation_leave(&o);
    if (!left || fuse_reply_open(request, file) != 0)
        close(fd);
}

static void do_release(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
    (void)number;
    close((int)file->fh);
    fuse_reply_err(request, 0);
}

/* The same bit of the same block each time, as a bad sector would have it. */
static void flip_bits(char *bytes, size_t length, off_t offset, uint64_t seed)
{
    for (off_t block = offset / FLIP_BLOCK * FLIP_BLOCK; block < offset + (off_t)length;
         block += FLIP_BLOCK) {
        off_t first = block > offset ? block : offset;
        off_t last = block + FLIP_BLOCK < offset + (off_t)length ? block + FLIP_BLOCK
                                                                 : offset + (off_t)length;
        uint64_t draw = random_mix(seed ^ (uint64_t)block);
        off_t at = first - offset + (off_t)(draw % (uint64_t)(last - first));
        bytes[at] = (char)(bytes[at] ^ (1 << (draw >> 61)));
    }
}

static void do_read(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
                    struct fuse_file_info *file)
{
    operation o;
    inode *one = filesystem_inode(fuse_req_userdata(request), number);
    if (!operation_enter(&o, request, STORAGE_READ, one, NULL))
        return;
    char *bytes = memory_take(size);
    ssize_t length = pread((int)file->fh, bytes, size, offset);
    if (length < 0) {
        operation_finish(&o, errno);
    } else {
        if (o.verdict.fired && o.verdict.action == STORAGE_BIT_FLIP)
            flip_bits(bytes, (size_t)length, offset, o.verdict.argument ^ one->number);
        if (operation_leave(&o))
            fuse_reply_buf(request, bytes, (size_t)length);
    }
    free(bytes);
}

/* Writes all it can and logs what it wrote. The number of bytes, or -errno. */
static ssize_t put(filesystem *fs, const inode *one, int fd, const char *bytes, size_t size,
                   off_t offset)
{
    size_t done = 0;
    int failed = 0;
    while (done < size && failed == 0) {
        ssize_t length = pwrite(fd, bytes + done, size - done, offset + (off_t)done);
        if (length < 0 && errno != EINTR)
            failed = errno;
        else if (length > 0)
            done += (size_t)length;
    }
    if (done == 0)
        return -failed;
    log_record record = {.kind = LOG_WRITE, .inode = one->id, .offset = (uint64_t)offset};
    operation_log_append(fs->log, record, NULL, NULL, bytes, (uint32_t)done);
    return (ssize_t)done;
}

/* Some sectors get there, at least one does not. */
static ssize_t put_torn(filesystem *fs, const inode *one, int fd, const char *bytes, size_t size,
                        off_t offset, const storage_verdict *verdict)
{
    size_t sector = verdict->argument;
    size_t sectors = (size + sector - 1) / sector;
    size_t missing = verdict->draw % sectors;
    for (size_t i = 0; i < sectors; i++) {
        size_t at = i * sector;
        size_t length = size - at < sector ? size - at : sector;
        if (i == missing || (random_mix(verdict->draw + i) & 1) == 0)
            continue;
        ssize_t written = put(fs, one, fd, bytes + at, length, offset + (off_t)at);
        if (written < 0)
            return written;
    }
    return (ssize_t)size;
}

static ssize_t put_by_verdict(operation *o, const inode *one, int fd, const char *bytes,
                              size_t size, off_t offset)
{
    if (!o->verdict.fired)
        return put(o->fs, one, fd, bytes, size, offset);
    ssize_t written = (ssize_t)size;
    switch (o->verdict.action) {
    case STORAGE_SHORT_WRITE:
        return put(o->fs, one, fd, bytes, size < 2 ? size : 1 + o->verdict.draw % (size - 1),
                   offset);
    case STORAGE_TORN_WRITE:
        written = put_torn(o->fs, one, fd, bytes, size, offset, &o->verdict);
        break;
    case STORAGE_MISDIRECTED:
        written = put(o->fs, one, fd, bytes, size, offset + (off_t)o->verdict.argument);
        break;
    case STORAGE_LOST_WRITE:
        break;
    default:
        return put(o->fs, one, fd, bytes, size, offset);
    }
    invalidator_touch(o->fs->invalidator, filesystem_number(o->fs, one));
    return written;
}

static void mark_synced(filesystem *fs, const inode *one, log_kind kind, uint64_t covered)
{
    log_record record = {.kind = kind, .inode = one->id, .size = covered};
    operation_log_append(fs->log, record, NULL, NULL, NULL, 0);
}

static void do_write(fuse_req_t request, fuse_ino_t number, const char *bytes, size_t size,
                     off_t offset, struct fuse_file_info *file)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    int fd = (int)file->fh;
    if (!operation_enter(&o, request, STORAGE_WRITE, one, NULL))
        return;
    int64_t allowed = budget_take(fs, fd, offset, size);
    if (allowed < 0) {
        operation_finish(&o, (int)-allowed);
        return;
    }
    ssize_t written = put_by_verdict(&o, one, fd, bytes, (size_t)allowed, offset);
    if (written >= 0 && (file->flags & O_DSYNC))
        mark_synced(fs, one, LOG_FSYNC, operation_log_sequence(fs->log));
    if (written < 0)
        operation_finish(&o, (int)-written);
    else if (operation_leave(&o))
        fuse_reply_write(request, (size_t)written);
}

static void do_fsync(fuse_req_t request, fuse_ino_t number, int data_only,
                     struct fuse_file_info *file)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!operation_enter(&o, request, data_only ? STORAGE_FDATASYNC : STORAGE_FSYNC, one, NULL))
        return;
    uint64_t covered = operation_log_sequence(fs->log);
    int failed = (data_only ? fdatasync((int)file->fh) : fsync((int)file->fh)) == 0 ? 0 : errno;
    mark_synced(fs, one, failed == 0 ? LOG_FSYNC : LOG_SYNC_FAILED, covered);
    operation_finish(&o, failed);
}

static void do_fallocate(fuse_req_t request, fuse_ino_t number, int mode, off_t offset,
                         off_t length, struct fuse_file_info *file)
{
    operation o;
    filesystem *fs = fuse_req_userdata(request);
    inode *one = filesystem_inode(fs, number);
    if (!operation_enter(&o, request, STORAGE_FALLOCATE, one, NULL))
        return;
    struct stat status;
    int failed = fstat((int)file->fh, &status) == 0 ? 0 : errno;
    off_t end = offset + length;
    bool grows = (mode & FALLOC_FL_KEEP_SIZE) == 0 && end > status.st_size;
    if (failed == 0 && grows)
        failed = budget_resize(fs, status.st_size, end);
    if (failed == 0 && fallocate((int)file->fh, mode, offset, length) != 0)
        failed = errno;
    if (failed == 0) {
        log_record record = {.kind = LOG_ALLOCATE,
                             .inode = one->id,
                             .mode = (uint32_t)mode,
                             .offset = (uint64_t)offset,
                             .size = (uint64_t)length};
        operation_log_append(fs->log, record, NULL, NULL, NULL, 0);
    }
    operation_finish(&o, failed);
}

static void do_lseek(fuse_req_t request, fuse_ino_t number, off_t offset, int whence,
                     struct fuse_file_info *file)
{
    (void)number;
    off_t at = lseek((int)file->fh, offset, whence);
    if (at < 0)
        fuse_reply_err(request, errno);
    else
        fuse_reply_lseek(request, at);
}

void content_register(struct fuse_lowlevel_ops *table)
{
    table->open = do_open;
    table->release = do_release;
    table->read = do_read;
    table->write = do_write;
    table->fsync = do_fsync;
    table->fallocate = do_fallocate;
    table->lseek = do_lseek;
}
