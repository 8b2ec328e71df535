#include "chaos/storage/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "chaos/storage/mount_state.h"

#define START_SECONDS 10
#define STOP_SECONDS  10

bool storage_mount_possible(error *e)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return error_set(e, ERROR_UNABLE, "/dev/fuse",
                         "cannot be opened (%s); storage faults need it: run as root, in a "
                         "container with --device /dev/fuse --cap-add SYS_ADMIN",
                         strerror(errno));
    close(fd);
    if (geteuid() != 0 && access("/usr/bin/fusermount3", X_OK) != 0)
        return error_set(e, ERROR_UNABLE, "fusermount3",
                         "is not installed and we are not root: apt-get install fuse3");
    return true;
}

static bool absolute(const char *path, char *out, error *e)
{
    if (realpath(path, out) == NULL)
        return error_errno(e, path, "cannot be resolved");
    return true;
}

static bool prepare_paths(storage_mount *m, const storage_mount_options *options, error *e)
{
    struct stat status;
    if (options->program == NULL ? !files_beside_program(m->program, sizeof m->program,
                                                         "ordeal-chaosfs", "ORDEAL_CHAOSFS", e)
                                 : !absolute(options->program, m->program, e))
        return false;
    if (!files_make_directories(options->mount, 0755, e) ||
        !absolute(options->mount, m->point, e) || !absolute(options->backing, m->backing, e))
        return false;
    if (stat(m->point, &status) != 0)
        return error_errno(e, m->point, "cannot look at the mount point");
    m->below = status.st_dev;
    if (rmdir(m->point) != 0 || mkdir(m->point, status.st_mode & 07777) != 0)
        return error_errno(e, m->point, "is not an empty directory to mount at");
    int length = snprintf(m->control_path, sizeof m->control_path, "%s", options->control);
    m->xattrs = options->xattrs;
    if (options->log != NULL)
        snprintf(m->log, sizeof m->log, "%s", options->log);
    return (size_t)length < sizeof m->control_path ||
           error_set(e, ERROR_USAGE, options->control, "is too long a path");
}

/* Before the mount: afterwards the backing directory is the daemon's. */
static bool take_snapshot(storage_mount *m, const storage_mount_options *options, error *e)
{
    if (options->log == NULL || options->snapshot == NULL)
        return true;
    return files_make_directories(options->snapshot, 0700, e) &&
           absolute(options->snapshot, m->snapshot, e) && files_remove_content(m->snapshot, e) &&
           files_copy_tree(m->backing, m->snapshot, e);
}

static bool make_control(storage_mount *m, error *e)
{
    int fd = open(m->control_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(e, m->control_path, "cannot create the control file");
    storage_control *control = MAP_FAILED;
    if (ftruncate(fd, sizeof *control) == 0)
        control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int failed = errno;
    close(fd);
    errno = failed;
    if (control == MAP_FAILED)
        return error_errno(e, m->control_path, "cannot map the control file");
    control->magic = STORAGE_CONTROL_MAGIC;
    control->version = STORAGE_VERSION;
    m->control = control;
    return true;
}

/* Runs in the child between fork and exec: system calls only. */
static _Noreturn void become_daemon(char **words, int lifeline)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* Ctrl-C is for the harness, which stops us in its own order */
    fcntl(lifeline, F_SETFD, 0);
    execv(words[0], words);
    _exit(127);
}

static bool launch(storage_mount *m, error *e)
{
    int ends[2];
    char number[16];
    char owner[16];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_errno(e, m->program, "cannot make its lifeline");
    snprintf(number, sizeof number, "%d", ends[0]);
    snprintf(owner, sizeof owner, "%d", (int)getpid());
    char *words[16] = {m->program,
                       m->backing,
                       m->point,
                       (char *)"--control",
                       m->control_path,
                       (char *)"--lifeline",
                       number,
                       (char *)"--owner",
                       owner};
    size_t count = 9;
    if (m->log[0] != '\0') {
        words[count++] = (char *)"--log";
        words[count++] = m->log;
    }
    if (m->xattrs)
        words[count++] = (char *)"--xattrs";
    m->daemon = fork();
    if (m->daemon == 0)
        become_daemon(words, ends[0]);
    int failed = errno;
    close(ends[0]);
    m->lifeline = ends[1];
    errno = failed;
    return m->daemon > 0 || error_errno(e, m->program, "cannot start a process");
}

/* From the kernel's cache, because the daemon may be stalled or its gate shut. */
static bool covered(const storage_mount *m)
{
    struct statx status;
    return statx(AT_FDCWD, m->point, AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0 &&
           makedev(status.stx_dev_major, status.stx_dev_minor) != m->below;
}

bool mount_serves(const storage_mount *m)
{
    return atomic_load(&m->control->daemon) == m->daemon && covered(m);
}

static bool reaped(storage_mount *m, int *code)
{
    if (m->daemon <= 0)
        return true;
    if (waitpid(m->daemon, code, WNOHANG) == 0)
        return false;
    m->daemon = 0;
    return true;
}

static bool wait_mounted(storage_mount *m, error *e)
{
    uint64_t deadline = timing_now() + START_SECONDS * NANOSECONDS_PER_SECOND;
    while (!mount_serves(m)) {
        int code = 0;
        if (reaped(m, &code))
            return error_set(e, ERROR_UNABLE, m->point,
                             "chaosfs ended at once (exit code %d, its words are above); it "
                             "needs /dev/fuse and root",
                             WIFEXITED(code) ? WEXITSTATUS(code) : -1);
        if (timing_now() > deadline)
            return error_set(e, ERROR_UNABLE, m->point, "was not mounted within %d s",
                             START_SECONDS);
        timing_sleep(MOUNT_POLL);
    }
    return true;
}

static void unmount(const char *point)
{
    if (geteuid() == 0) {
        umount2(point, MNT_DETACH);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        execl("/usr/bin/fusermount3", "fusermount3", "-u", "-z", "-q", point, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

static void release(storage_mount *m)
{
    if (m->lifeline >= 0)
        close(m->lifeline);
    if (m->control != NULL) {
        munmap(m->control, sizeof *m->control);
        unlink(m->control_path);
    }
    free(m);
}

/* SIGTERM first, because an orderly end completes the log. */
static void end_daemon(storage_mount *m)
{
    int code;
    if (reaped(m, &code))
        return;
    kill(m->daemon, SIGTERM);
    uint64_t deadline = timing_now() + STOP_SECONDS * NANOSECONDS_PER_SECOND;
    while (!reaped(m, &code) && timing_now() < deadline)
        timing_sleep(MOUNT_POLL);
    if (m->daemon > 0) {
        kill(m->daemon, SIGKILL);
        waitpid(m->daemon, &code, 0);
        m->daemon = 0;
    }
}

bool storage_mount_possible_by_calls(error *e)
{
    return watch_possible(e);
}

static storage_mount *start_watch(const storage_mount_options *options, error *e)
{
    CHECK(options->log == NULL && options->snapshot == NULL);
    storage_mount *m = memory_zeroed(1, sizeof *m);
    m->lifeline = -1;
    int length = snprintf(m->control_path, sizeof m->control_path, "%s", options->control);
    CHECK(length > 0 && (size_t)length < sizeof m->control_path);
    if (files_make_directories(options->mount, 0755, e) && absolute(options->mount, m->point, e) &&
        make_control(m, e) && (m->watch = watch_start(m->control, m->point, e)) != NULL) {
        memcpy(m->backing, m->point, sizeof m->backing);
        return m;
    }
    release(m);
    return NULL;
}

storage_mount *storage_mount_start(const storage_mount_options *options, error *e)
{
    if (options->by_calls)
        return start_watch(options, e);
    if (!storage_mount_possible(e))
        return NULL;
    storage_mount *m = memory_zeroed(1, sizeof *m);
    m->lifeline = -1;
    if (prepare_paths(m, options, e) && take_snapshot(m, options, e) && make_control(m, e) &&
        launch(m, e) && wait_mounted(m, e))
        return m;
    if (m->daemon > 0) {
        end_daemon(m);
        unmount(m->point);
    }
    release(m);
    return NULL;
}

bool mount_log_sound(const storage_mount *m, error *e)
{
    int failed = atomic_load(&m->control->log_error);
    return failed == 0 ||
           error_set(e, ERROR_IO, m->log, "the operation log ended early: %s", strerror(failed));
}

static void stop_watch(storage_mount *m)
{
    atomic_store(&m->control->armed, 0);
    watch_stop(m->watch);
    release(m);
}

bool storage_mount_stop(storage_mount *m, error *e)
{
    int code;
    if (m->watch != NULL) {
        stop_watch(m);
        return true;
    }
    bool died = reaped(m, &code);
    atomic_store(&m->control->armed, 0);
    end_daemon(m);
    unmount(m->point); /* fails when the daemon did it, which is as well */
    bool done = mount_log_sound(m, e);
    if (covered(m))
        done = error_set(e, ERROR_IO, m->point, "is still mounted");
    if (died)
        done = error_set(e, ERROR_INTERNAL, m->point, "chaosfs had died before it was stopped");
    release(m);
    return done;
}

void storage_mount_abort(storage_mount *m)
{
    if (m->daemon <= 0)
        return;
    kill(m->daemon, SIGKILL); /* the last descriptor on /dev/fuse aborts the connection */
    int code;
    waitpid(m->daemon, &code, 0);
    m->daemon = 0;
}
