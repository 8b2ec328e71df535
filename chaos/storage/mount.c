#include "chaos/storage/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"

#define START_SECONDS 10
#define DROP_SECONDS  10
#define STOP_SECONDS  10
#define POLL          (2 * NANOSECONDS_PER_MILLISECOND)

struct storage_mount {
    char program[PATH_MAX];
    char backing[PATH_MAX];
    char point[PATH_MAX];
    char control_path[PATH_MAX];
    char log[PATH_MAX];      /* empty: none */
    char snapshot[PATH_MAX]; /* likewise */
    bool xattrs;
    storage_control *control;
    pid_t daemon;
    int lifeline; /* our end; its closing ends the daemon */
    dev_t below;  /* of the mount point before the mount */
};

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

static bool mounted(const storage_mount *m)
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
    while (!mounted(m)) {
        int code = 0;
        if (reaped(m, &code))
            return error_set(e, ERROR_UNABLE, m->point,
                             "chaosfs ended at once (exit code %d, its words are above); it "
                             "needs /dev/fuse and root",
                             WIFEXITED(code) ? WEXITSTATUS(code) : -1);
        if (timing_now() > deadline)
            return error_set(e, ERROR_UNABLE, m->point, "was not mounted within %d s",
                             START_SECONDS);
        timing_sleep(POLL);
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
        timing_sleep(POLL);
    if (m->daemon > 0) {
        kill(m->daemon, SIGKILL);
        waitpid(m->daemon, &code, 0);
        m->daemon = 0;
    }
}

storage_mount *storage_mount_start(const storage_mount_options *options, error *e)
{
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

static bool log_sound(const storage_mount *m, error *e)
{
    int failed = atomic_load(&m->control->log_error);
    return failed == 0 ||
           error_set(e, ERROR_IO, m->log, "the operation log ended early: %s", strerror(failed));
}

bool storage_mount_stop(storage_mount *m, error *e)
{
    int code;
    bool died = reaped(m, &code);
    atomic_store(&m->control->armed, 0);
    end_daemon(m);
    unmount(m->point); /* fails when the daemon did it, which is as well */
    bool done = log_sound(m, e);
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

const char *storage_mount_point(const storage_mount *m)
{
    return m->point;
}

const char *storage_mount_backing(const storage_mount *m)
{
    return m->backing;
}

bool storage_mount_alive(const storage_mount *m, error *e)
{
    if (m->daemon <= 0 || kill(m->daemon, 0) != 0)
        return error_set(e, ERROR_INTERNAL, m->point, "chaosfs is not running any more");
    if (!mounted(m))
        return error_set(e, ERROR_INTERNAL, m->point, "is not mounted any more");
    return log_sound(m, e);
}

/* Also the wait: an armed rule that a cached answer could still hide is not armed. */
static bool drop_caches(storage_mount *m, error *e)
{
    uint32_t epoch = atomic_fetch_add(&m->control->epoch, 1) + 1;
    syscall(SYS_futex, &m->control->epoch, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    uint64_t deadline = timing_now() + DROP_SECONDS * NANOSECONDS_PER_SECOND;
    uint32_t done;
    while ((done = atomic_load(&m->control->epoch_done)) != epoch) {
        if (!storage_mount_alive(m, e))
            return false;
        if (timing_now() > deadline)
            return error_set(e, ERROR_IO, m->point,
                             "the kernel's caches could not be dropped within %d s", DROP_SECONDS);
        struct timespec look = {.tv_nsec = 50000000L};
        syscall(SYS_futex, &m->control->epoch_done, FUTEX_WAIT, done, &look, NULL, 0);
    }
    return true;
}

int storage_mount_arm(storage_mount *m, const storage_rule *rule, error *e)
{
    CHECK(rule->operations != 0 && rule->action < STORAGE_ACTIONS);
    uint32_t armed = atomic_load(&m->control->armed);
    int slot = 0;
    while (slot < STORAGE_RULES && (armed >> slot & 1) != 0)
        slot++;
    if (slot == STORAGE_RULES) {
        error_set(e, ERROR_LIMIT, m->point, "at most %d storage rules can be armed at once",
                  STORAGE_RULES);
        return -1;
    }
    storage_slot *s = &m->control->slots[slot];
    memset(s, 0, sizeof *s);
    s->rule = *rule;
    /* Dropping waits for operations under way. Were they stalled already, it would wait for ever,
     * so a stall comes last; what is cached again in between does not ask the disk. */
    if (rule->action == STORAGE_STALL && !drop_caches(m, e))
        return -1;
    atomic_fetch_or(&m->control->armed, UINT32_C(1) << slot);
    if (rule->action == STORAGE_STALL || drop_caches(m, e))
        return slot;
    atomic_fetch_and(&m->control->armed, ~(UINT32_C(1) << slot));
    return -1;
}

bool storage_mount_disarm(storage_mount *m, int slot, error *e)
{
    CHECK(slot >= 0 && slot < STORAGE_RULES);
    storage_action action = m->control->slots[slot].rule.action;
    atomic_fetch_and(&m->control->armed, ~(UINT32_C(1) << slot));
    /* What only came late is right, and dropping it would queue behind all that waited: tens of
     * thousands of names take longer than a fault may. */
    if (action == STORAGE_STALL || action == STORAGE_DELAY)
        return true;
    return drop_caches(m, e);
}

uint64_t storage_mount_seen(const storage_mount *m, int slot)
{
    return atomic_load(&m->control->slots[slot].seen);
}

uint64_t storage_mount_fired(const storage_mount *m, int slot)
{
    return atomic_load(&m->control->slots[slot].fired);
}

uint64_t storage_mount_seen_by(const storage_mount *m, int slot, storage_operation operation)
{
    return atomic_load(&m->control->slots[slot].seen_by[operation]);
}

uint64_t storage_mount_fired_by(const storage_mount *m, int slot, storage_operation operation)
{
    return atomic_load(&m->control->slots[slot].fired_by[operation]);
}

bool storage_mount_limit(storage_mount *m, uint64_t bytes, int error_number, error *e)
{
    CHECK(bytes <= INT64_MAX);
    atomic_store(&m->control->budget, (int64_t)bytes);
    atomic_store(&m->control->budget_error, error_number);
    atomic_store(&m->control->budget_refused, 0);
    atomic_fetch_or(&m->control->armed, STORAGE_ARMED_BUDGET);
    return drop_caches(m, e);
}

bool storage_mount_unlimit(storage_mount *m, error *e)
{
    atomic_fetch_and(&m->control->armed, ~STORAGE_ARMED_BUDGET);
    return drop_caches(m, e);
}

uint64_t storage_mount_refused(const storage_mount *m)
{
    return atomic_load(&m->control->budget_refused);
}

bool storage_mount_crashed(const storage_mount *m)
{
    return (atomic_load(&m->control->armed) & STORAGE_ARMED_CRASHED) != 0;
}

void storage_mount_shut(storage_mount *m)
{
    atomic_fetch_or(&m->control->armed, STORAGE_ARMED_CRASHED);
}

bool storage_mount_reopen(storage_mount *m, error *e)
{
    atomic_fetch_and(&m->control->armed, ~STORAGE_ARMED_CRASHED);
    return drop_caches(m, e);
}

uint64_t storage_mount_sequence(const storage_mount *m)
{
    return atomic_load(&m->control->sequence);
}

bool storage_mount_flush_log(storage_mount *m, error *e)
{
    uint64_t wanted = storage_mount_sequence(m);
    uint64_t deadline = timing_now() + STOP_SECONDS * NANOSECONDS_PER_SECOND;
    if (m->log[0] == '\0')
        return error_set(e, ERROR_USAGE, m->point, "was mounted without an operation log");
    while (atomic_load(&m->control->logged) < wanted) {
        if (!storage_mount_alive(m, e))
            return false;
        if (timing_now() > deadline)
            return error_set(e, ERROR_IO, m->log, "was not written out within %d s", STOP_SECONDS);
        timing_sleep(POLL);
    }
    return true;
}

bool storage_mount_settle(storage_mount *m, error *e)
{
    atomic_store(&m->control->settle, true);
    return drop_caches(m, e);
}

const char *storage_mount_log(const storage_mount *m)
{
    return m->log[0] == '\0' ? NULL : m->log;
}

const char *storage_mount_snapshot(const storage_mount *m)
{
    return m->snapshot[0] == '\0' ? NULL : m->snapshot;
}

/* A line of mountinfo: the mount point is the fifth word; behind " - " come type and source. */
static bool stale_point(char *line, char *point, size_t size)
{
    char *rest = strstr(line, " - fuse.ordeal ordeal-chaosfs:");
    if (rest == NULL)
        return false;
    long owner = strtol(rest + strlen(" - fuse.ordeal ordeal-chaosfs:"), NULL, 10);
    if (owner <= 0 || kill((pid_t)owner, 0) == 0 || errno != ESRCH)
        return false;
    char *place = line;
    for (int i = 0; i < 4 && place != NULL; i++) {
        place = strchr(place, ' ');
        place = place == NULL ? NULL : place + 1;
    }
    if (place == NULL)
        return false;
    snprintf(point, size, "%.*s", (int)strcspn(place, " "), place);
    return true;
}

size_t storage_mounts_clean_stale(void)
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t capacity = 0;
    size_t cleaned = 0;
    if (mounts == NULL)
        return 0;
    while (getline(&line, &capacity, mounts) > 0) {
        char point[PATH_MAX];
        if (stale_point(line, point, sizeof point)) {
            unmount(point);
            cleaned++;
        }
    }
    free(line);
    fclose(mounts);
    return cleaned;
}
