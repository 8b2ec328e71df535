#include "chaos/storage/real_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/files.h"

#define BALLAST "ballast"
#define PAGE    ((uint64_t)4096)

bool real_disk_mount(const char *point, uint64_t bytes, error *e)
{
    char options[64];
    snprintf(options, sizeof options, "size=%llu,mode=0755", (unsigned long long)bytes);
    if (mount("ordeal-disk", point, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0)
        return true;
    return error_set(e, ERROR_UNABLE, point, "a tmpfs cannot be mounted there (%s): run as root",
                     strerror(errno));
}

bool real_disk_unmount(const char *point, error *e)
{
    return umount2(point, MNT_DETACH) == 0 || error_errno(e, point, "cannot be unmounted");
}

static bool open_ballast(const char *point, int flags, int *fd, error *e)
{
    char path[4096];
    if (!files_join(path, sizeof path, point, BALLAST, e))
        return false;
    *fd = open(path, flags | O_CLOEXEC, 0600);
    return *fd >= 0 || error_errno(e, path, "cannot be opened");
}

/* Somebody else may be writing meanwhile, and the kernel's own count of what is free is rough: what
 * does not fit is halved until nothing does. */
static bool take_room(int fd, const char *point, uint64_t left)
{
    uint64_t most = UINT64_MAX;
    while (most >= PAGE) {
        struct statvfs numbers;
        struct stat ballast;
        if (statvfs(point, &numbers) != 0 || fstat(fd, &ballast) != 0)
            return false;
        uint64_t room = (uint64_t)numbers.f_bavail * numbers.f_frsize;
        if (room < left + PAGE)
            return true;
        uint64_t piece = room - left < most ? room - left : most;
        int failed = posix_fallocate(fd, ballast.st_size, (off_t)piece);
        if (failed == ENOSPC) {
            most = piece / 2;
        } else if (failed != 0) {
            errno = failed;
            return false;
        }
    }
    return true;
}

bool real_disk_fill(const char *point, uint64_t left, error *e)
{
    int fd;
    if (!open_ballast(point, O_WRONLY | O_CREAT | O_TRUNC, &fd, e))
        return false;
    bool done = take_room(fd, point, left) || error_errno(e, point, "cannot be filled");
    close(fd);
    return done;
}

bool real_disk_relieve(const char *point, error *e)
{
    char path[4096];
    return files_join(path, sizeof path, point, BALLAST, e) &&
           (unlink(path) == 0 || error_errno(e, path, "cannot be removed"));
}
