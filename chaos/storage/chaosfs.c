/* ordeal-chaosfs: the program that the harness starts under a target's data directory. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "base/units.h"
#include "chaos/storage/filesystem.h"
#include "chaos/storage/invalidator.h"

/* Enough that a stall or a delay on many requests leaves some for the others. */
#define THREADS_MOST 128
#define THREADS_IDLE 16

static const char usage[] =
    "Usage: ordeal-chaosfs BACKING MOUNT --control FILE [--log FILE] [--owner PID]\n"
    "                      [--lifeline FD] [--xattrs]\n"
    "Shows the directory BACKING at MOUNT and breaks it as the control file says\n"
    "(chaos/storage/rules.h). Stays in the foreground; unmounts on SIGTERM and when the\n"
    "pipe FD ends. --log records every change. --xattrs passes extended attributes on.\n";

typedef struct {
    const char *backing;
    const char *mount;
    const char *control;
    const char *log;
    uint64_t owner;
    uint64_t lifeline; /* UINT64_MAX: none */
    bool xattrs;
} settings;

static bool read_settings(int count, char **words, settings *s, error *e)
{
    static const struct option options[] = {
        {"control", required_argument, NULL, 'c'},
        {"log", required_argument, NULL, 'l'},
        {"owner", required_argument, NULL, 'o'},
        {"lifeline", required_argument, NULL, 'f'},
        {"xattrs", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *s = (settings){.owner = (uint64_t)getppid(), .lifeline = UINT64_MAX};
    int option;
    while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
        bool good = true;
        if (option == 'c')
            s->control = optarg;
        else if (option == 'l')
            s->log = optarg;
        else if (option == 'o')
            good = units_whole(optarg, &s->owner);
        else if (option == 'f')
            good = units_whole(optarg, &s->lifeline) && s->lifeline <= INT32_MAX;
        else if (option == 'x')
            s->xattrs = true;
        else if (option == 'h')
            exit(fputs(usage, stdout) < 0);
        else
            return error_set(e, ERROR_USAGE, "", "see ordeal-chaosfs --help");
        if (!good)
            return error_set(e, ERROR_USAGE, "", "'%s' is not a whole number", optarg);
    }
    if (count - optind != 2 || s->control == NULL)
        return error_set(e, ERROR_USAGE, "", "give BACKING, MOUNT and --control FILE; see --help");
    s->backing = words[optind];
    s->mount = words[optind + 1];
    return true;
}

static storage_control *map_control(const char *path, error *e)
{
    struct stat status;
    CHECK(path != NULL);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_errno(e, path, "cannot open the control file");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    storage_control *control = NULL;
    if (status.st_size >= (off_t)sizeof *control)
        control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (control == NULL || control == MAP_FAILED || control->magic != STORAGE_CONTROL_MAGIC ||
        control->version != STORAGE_VERSION) {
        error_set(e, ERROR_CORRUPT, path, "is not a control file of this version");
        return NULL;
    }
    return control;
}

static void started(void *owner, struct fuse_conn_info *connection)
{
    filesystem *fs = owner;
    /* Data has to come as memory, for the log and the faults. */
    connection->want &=
        ~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE |
                    FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_READDIRPLUS | FUSE_CAP_AUTO_INVAL_DATA |
                    FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_FLOCK_LOCKS | FUSE_CAP_POSIX_LOCKS);
    connection->want |=
        connection->capable &
        (FUSE_CAP_NO_OPENDIR_SUPPORT | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_EXPLICIT_INVAL_DATA);
    atomic_store(&fs->control->daemon, getpid());
}

/* Root is asked about nothing by the kernel either; for others see permissions.c. */
static struct fuse_session *open_session(const settings *s, filesystem *fs)
{
    struct fuse_lowlevel_ops table = {.init = started};
    names_register(&table);
    content_register(&table);
    directories_register(&table);
    attributes_register(&table);
    char options[256];
    snprintf(options, sizeof options, "%sfsname=ordeal-chaosfs:%llu,subtype=ordeal",
             fs->asks ? "allow_other," : "default_permissions,", (unsigned long long)s->owner);
    char program[] = "ordeal-chaosfs";
    char flag[] = "-o";
    char *words[] = {program, flag, options, NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
    struct fuse_session *session = fuse_session_new(&arguments, &table, sizeof table, fs);
    /* libfuse made copies of the words while it read them. */
    fuse_opt_free_args(&arguments);
    return session;
}

static int serve(filesystem *fs, int lifeline)
{
    /* Our own threads leave signals to the main one, which they have to wake. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    fs->invalidator = invalidator_start(fs, lifeline);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    struct fuse_loop_config *loop = fuse_loop_cfg_create();
    fuse_loop_cfg_set_max_threads(loop, THREADS_MOST);
    fuse_loop_cfg_set_idle_threads(loop, THREADS_IDLE);
    int failed = fuse_session_loop_mt(fs->session, loop);
    fuse_loop_cfg_destroy(loop);
    return failed;
}

static bool mount_and_serve(const settings *s, filesystem *fs, error *e)
{
    fs->session = open_session(s, fs);
    if (fs->session == NULL)
        return error_set(e, ERROR_INTERNAL, s->mount, "libfuse refused our options");
    bool done = true;
    if (fuse_set_signal_handlers(fs->session) != 0)
        done = error_set(e, ERROR_INTERNAL, s->mount, "cannot set signal handlers");
    else if (fuse_session_mount(fs->session, s->mount) != 0)
        done =
            error_set(e, ERROR_UNABLE, s->mount, "cannot be mounted; it needs /dev/fuse and root");
    if (done) {
        serve(fs, s->lifeline == UINT64_MAX ? -1 : (int)s->lifeline);
        fuse_session_unmount(fs->session);
        invalidator_stop(fs->invalidator);
    }
    fuse_remove_signal_handlers(fs->session);
    fuse_session_destroy(fs->session);
    return done;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool run(const settings *s, error *e)
{
    filesystem fs = {.asks = geteuid() == 0, .xattrs = s->xattrs};
    fs.control = map_control(s->control, e);
    if (fs.control == NULL)
        return false;
    struct stat status;
    CHECK(s->backing != NULL);
    int root = open(s->backing, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 || fstat(root, &status) != 0)
        return error_errno(e, s->backing, "cannot open the backing directory");
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    fs.log = operation_log_open(s->log, fs.control, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (fs.log == NULL)
        return false;
    fs.inodes = inodes_create(root, &status);
    bool done = mount_and_serve(s, &fs, e);
    operation_log_close(fs.log);
    inodes_destroy(fs.inodes);
    munmap(fs.control, sizeof *fs.control);
    return done;
}

int main(int count, char **words)
{
    log_setup("ordeal-chaosfs", LOG_PLAIN, LOG_INFO);
    umask(0);
    raise_descriptor_limit();
    settings s;
    error e = {0};
    if (!read_settings(count, words, &s, &e) || !run(&s, &e)) {
        log_error(&e);
        return e.kind == ERROR_USAGE ? 2 : 109;
    }
    return 0;
}
