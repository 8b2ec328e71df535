#include "chaos/storage/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"

#define RUN_SECONDS    1
#define FINISH_SECONDS 10

static char expected_byte(size_t at)
{
    return (char)('a' + at % 23);
}

static void note(probe_sight *sight, storage_operation operation, long result)
{
    if (result < 0 && sight->errors[operation] == 0)
        sight->errors[operation] = errno;
}

static bool fill(int fd, ssize_t *written)
{
    char bytes[PROBE_BYTES];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = expected_byte(i);
    *written = write(fd, bytes, sizeof bytes);
    return *written == PROBE_BYTES;
}

static bool reads_back(probe_sight *sight, int fd)
{
    char bytes[PROBE_BYTES];
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ssize_t length = pread(fd, bytes, sizeof bytes, 0);
    note(sight, STORAGE_READ, length);
    for (ssize_t i = 0; i < length; i++)
        if (bytes[i] != expected_byte((size_t)i))
            return false;
    return length == PROBE_BYTES;
}

static void try_old_file(probe_sight *sight, int directory)
{
    int fd = openat(directory, "old", O_RDONLY | O_CLOEXEC);
    note(sight, STORAGE_OPEN_READ, fd);
    sight->old_right = fd >= 0 && reads_back(sight, fd);
    close(fd);
}

static void try_new_file(probe_sight *sight, int directory)
{
    int fd = openat(directory, "new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    note(sight, STORAGE_CREATE, fd);
    if (fd < 0)
        return;
    fill(fd, &sight->written);
    note(sight, STORAGE_WRITE, sight->written);
    note(sight, STORAGE_FSYNC, fsync(fd));
    note(sight, STORAGE_FDATASYNC, fdatasync(fd));
    /* What a lying disk did shows only once the daemon has dropped the page; ask a few times. */
    sight->new_right = true;
    for (int i = 0; i < 20 && sight->new_right; i++) {
        sight->new_right = reads_back(sight, fd);
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    }
    close(fd);
    note(sight, STORAGE_RENAME, renameat(directory, "new", directory, "newer"));
    note(sight, STORAGE_FSYNCDIR, fsync(directory));
    note(sight, STORAGE_UNLINK, unlinkat(directory, "newer", 0));
}

static void be_the_program(probe_sight *sight, const char *path)
{
    struct statfs numbers;
    uint64_t start = timing_now();
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    note(sight, STORAGE_LOOKUP, directory);
    if (directory >= 0) {
        try_old_file(sight, directory);
        try_new_file(sight, directory);
        note(sight, STORAGE_MKDIR, mkdirat(directory, "made", 0700));
        note(sight, STORAGE_RMDIR, unlinkat(directory, "made", AT_REMOVEDIR));
        note(sight, STORAGE_STATFS, fstatfs(directory, &numbers));
        sight->free_bytes = (uint64_t)numbers.f_bavail * (uint64_t)numbers.f_bsize;
    }
    sight->nanoseconds = timing_now() - start;
    atomic_store(&sight->ended, true);
}

static bool make_old_file(const probe *p, error *e)
{
    char path[sizeof p->directory];
    ssize_t written;
    if (!files_join(path, sizeof path, p->directory, "old", e))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool made = fd >= 0 && fill(fd, &written);
    if (!made)
        error_errno(e, path, "the probe cannot write its file before any fault");
    if (fd >= 0)
        close(fd);
    return made;
}

bool probe_prepare(probe *p, const storage_mount *m, error *e)
{
    static unsigned number;
    memset(p, 0, sizeof *p);
    snprintf(p->pattern, sizeof p->pattern, "/.ordeal-probe-%d-%u", (int)getpid(), number++);
    snprintf(p->directory, sizeof p->directory, "%s%s", storage_mount_point(m), p->pattern);
    p->sight =
        mmap(NULL, sizeof *p->sight, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p->sight == MAP_FAILED) {
        p->sight = NULL;
        return error_errno(e, p->directory, "no memory for the probe");
    }
    if (mkdir(p->directory, 0700) != 0)
        return error_errno(e, p->directory, "the probe cannot make its directory");
    if (!make_old_file(p, e))
        return false;
    p->child = fork();
    if (p->child == 0) {
        bool joined = storage_mount_join(m);
        while (!atomic_load(&p->sight->go))
            timing_sleep(NANOSECONDS_PER_MILLISECOND);
        if (!joined)
            _exit(1);
        be_the_program(p->sight, p->directory);
        _exit(0);
    }
    return p->child > 0 || error_errno(e, p->directory, "cannot start the probe");
}

/* Reaps the child if it ends within the time. */
static bool wait_child(probe *p, unsigned seconds)
{
    int code;
    uint64_t deadline = timing_now() + seconds * NANOSECONDS_PER_SECOND;
    while (p->child > 0) {
        pid_t ended = waitpid(p->child, &code, WNOHANG);
        if (ended == p->child) {
            p->sight->killed_by = WIFSIGNALED(code) ? WTERMSIG(code) : 0;
            p->child = 0;
        } else if (timing_now() > deadline) {
            return false;
        } else {
            timing_sleep(NANOSECONDS_PER_MILLISECOND);
        }
    }
    return true;
}

void probe_run(probe *p)
{
    atomic_store(&p->sight->go, true);
    p->sight->finished = wait_child(p, RUN_SECONDS) && atomic_load(&p->sight->ended);
}

bool probe_finish(probe *p, error *e)
{
    if (!wait_child(p, FINISH_SECONDS)) {
        kill(p->child, SIGKILL);
        wait_child(p, FINISH_SECONDS);
        return error_set(e, ERROR_IO, p->directory, "the probe still hangs after the fault's end");
    }
    return files_remove_tree(p->directory, e);
}

void probe_release(probe *p)
{
    if (p->sight == NULL)
        return;
    atomic_store(&p->sight->go, true); /* a child that was never let go ends by itself */
    wait_child(p, FINISH_SECONDS);
    munmap(p->sight, sizeof *p->sight);
    p->sight = NULL;
}

bool probe_clean(const probe_sight *sight)
{
    for (int i = 0; i < STORAGE_OPERATIONS; i++)
        if (sight->errors[i] != 0)
            return false;
    return sight->finished && sight->killed_by == 0 && sight->old_right && sight->new_right &&
           sight->written == PROBE_BYTES;
}
