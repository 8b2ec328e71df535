#include "cleanup/resources.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "base/units.h"

#define PATIENCE (5 * NANOSECONDS_PER_SECOND)
#define PAUSE    (10 * NANOSECONDS_PER_MILLISECOND)
/* Fields of /proc/PID/stat behind the name, which may hold anything: state is the first. */
#define FIELDS_TO_START 19

/* --- processes --- */

bool process_started(pid_t pid, unsigned long long *start)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *at = strrchr(text, ')');
    if (at == NULL || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
        return false;
    at += 2;
    for (int field = 0; field < FIELDS_TO_START && at != NULL; field++) {
        at = strchr(at, ' ');
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL)
        return false;
    char *end;
    *start = strtoull(at, &end, 10);
    return end != at;
}

bool process_kill(pid_t pid, unsigned long long start, error *e)
{
    unsigned long long now = 0;
    char place[32];
    snprintf(place, sizeof place, "process %d", (int)pid);
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return errno == ESRCH || error_errno(e, place, "cannot take hold of it");
    /* The descriptor holds one process; only now is its start time certainly its own. */
    bool fine = !process_started(pid, &now) || now != start ||
                syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0 || errno == ESRCH ||
                error_errno(e, place, "cannot be killed");
    close(fd);
    uint64_t deadline = timing_now() + PATIENCE;
    while (fine && process_started(pid, &now) && now == start) {
        if (timing_now() > deadline)
            fine = error_set(e, ERROR_IO, place, "does not end");
        timing_sleep(PAUSE);
    }
    return fine;
}

static bool identify_process(const char *text, char out[IDENTITY_SIZE])
{
    uint64_t pid;
    unsigned long long start;
    if (!units_whole(text, &pid) || pid < 2 || pid > INT32_MAX ||
        !process_started((pid_t)pid, &start))
        return false;
    snprintf(out, IDENTITY_SIZE, "%llu", start);
    return true;
}

static bool release_process(const char *text, error *e)
{
    uint64_t pid;
    unsigned long long start;
    if (!units_whole(text, &pid) || !process_started((pid_t)pid, &start))
        return true;
    return process_kill((pid_t)pid, start, e);
}

/* --- mounts --- */

/* "\040" and the like, as mountinfo writes what would break its lines. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* The topmost mount at exactly that place. */
static bool identify_mount(const char *path, char out[IDENTITY_SIZE])
{
    bool found = false;
    char *line = NULL;
    size_t capacity = 0;
    FILE *file = fopen("/proc/self/mountinfo", "re");
    while (file != NULL && getline(&line, &capacity, file) > 0) {
        char device[IDENTITY_SIZE], point[4096];
        if (sscanf(line, "%*s %*s %47s %*s %4095s", device, point) != 2)
            continue;
        unescape(point);
        if (strcmp(point, path) != 0)
            continue;
        memcpy(out, device, sizeof device);
        found = true;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

/* Who may not unmount may still do so for FUSE mounts of his own, by this setuid helper. */
static bool unmount_fuse(const char *path)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        execlp("fusermount3", "fusermount3", "-u", "-z", "-q", "--", path, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static bool release_mount(const char *path, error *e)
{
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 || unmount_fuse(path))
        return true;
    return error_set(e, ERROR_IO, path, "cannot be unmounted");
}

/* --- directories --- */

static bool identify_inode(const char *path, mode_t type, char out[IDENTITY_SIZE])
{
    struct stat status;
    if (lstat(path, &status) != 0 || (status.st_mode & S_IFMT) != type)
        return false;
    snprintf(out, IDENTITY_SIZE, "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    return true;
}

static bool identify_directory(const char *path, char out[IDENTITY_SIZE])
{
    return identify_inode(path, S_IFDIR, out);
}

static bool identify_file(const char *path, char out[IDENTITY_SIZE])
{
    return identify_inode(path, S_IFREG, out);
}

static bool release_file(const char *path, error *e)
{
    return unlink(path) == 0 || errno == ENOENT || error_errno(e, path, "cannot be removed");
}

/* Its processes were killed just now and may take a moment to leave. */
static bool release_cgroup(const char *path, error *e)
{
    uint64_t deadline = timing_now() + PATIENCE;
    while (rmdir(path) != 0) {
        if (errno == ENOENT)
            return true;
        if (errno != EBUSY || timing_now() > deadline)
            return error_errno(e, path, "cannot remove the control group");
        timing_sleep(PAUSE);
    }
    return true;
}

static const struct {
    const char *name;
    bool (*identify)(const char *text, char out[IDENTITY_SIZE]);
    bool (*release)(const char *text, error *e);
} kinds[RESOURCE_KINDS] = {
    [RESOURCE_PROCESS] = {"process", identify_process, release_process},
    [RESOURCE_MOUNT] = {"mount", identify_mount, release_mount},
    [RESOURCE_CGROUP] = {"cgroup", identify_directory, release_cgroup},
    [RESOURCE_FILE] = {"file", identify_file, release_file},
    [RESOURCE_DIRECTORY] = {"directory", identify_directory, files_remove_tree},
};

const char *resource_kind_name(resource_kind kind)
{
    CHECK(kind < RESOURCE_KINDS);
    return kinds[kind].name;
}

resource_kind resource_kind_named(const char *name)
{
    int kind = 0;
    while (kind < RESOURCE_KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return (resource_kind)kind;
}

bool resource_identity(resource_kind kind, const char *text, char out[IDENTITY_SIZE])
{
    CHECK(kind < RESOURCE_KINDS);
    return kinds[kind].identify(text, out);
}

bool resource_release(resource_kind kind, const char *text, error *e)
{
    CHECK(kind < RESOURCE_KINDS);
    return kinds[kind].release(text, e);
}
