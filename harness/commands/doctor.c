/* ordeal doctor: what this machine can and cannot inject, and how to get it. Every row is tried,
 * not guessed. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/timing.h"
#include "chaos/clock/clock.h"
#include "chaos/network/proxy.h"
#include "chaos/process/memory_group.h"
#include "chaos/storage/mount.h"
#include "commands/command.h"

/* Runs `attempt` in a child of its own, so that whatever it changes ends with it. True when it
 * exits with 0. */
static bool in_child(int (*attempt)(void))
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(attempt());
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static int signal_self(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int status = 0;
    bool fine = child > 0 && kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child &&
                WIFSIGNALED(status);
    return fine ? 0 : 1;
}

static bool can_signal(void)
{
    return in_child(signal_self);
}

static int mount_tmpfs(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return 1;
    return mount("none", "/mnt", "tmpfs", 0, "size=64k") == 0 ? 0 : 1;
}

static bool can_mount_tmpfs(void)
{
    return in_child(mount_tmpfs);
}

static bool can_fuse(void)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0 && can_mount_tmpfs();
}

static bool can_watch_calls(void)
{
    error why = {0};
    return storage_mount_possible_by_calls(&why);
}

static bool has_fusermount(void)
{
    return access("/usr/bin/fusermount3", X_OK) == 0;
}

/* A clock is opened, which tries it on a small program, and closed again. */
static bool clock_works(clock_way way, bool rate_may_change)
{
    char folder[] = "/tmp/ordeal-doctor-XXXXXX";
    char page[64];
    error why = {0};
    if (mkdtemp(folder) == NULL)
        return false;
    snprintf(page, sizeof page, "%s/clock", folder);
    clock_options options = {.page = page,
                             .way = way,
                             .rate = 1,
                             .offset = -3600 * (int64_t)NANOSECONDS_PER_SECOND,
                             .rate_may_change = rate_may_change};
    clock_control *c = clock_open(&options, &why);
    clock_close(c);
    rmdir(folder);
    return c != NULL;
}

static bool has_faketime(void)
{
    return clock_works(CLOCK_BY_FAKETIME, false);
}

static bool can_patch_vdso(void)
{
    return clock_works(CLOCK_BY_VDSO, true);
}

static bool can_proxy(void)
{
    error why = {0};
    network_proxy *p = proxy_start(1, &why);
    if (p != NULL)
        proxy_stop(p);
    return p != NULL;
}

static bool can_limit_descriptors(void)
{
    struct rlimit now;
    return prlimit(getpid(), RLIMIT_NOFILE, NULL, &now) == 0 &&
           prlimit(getpid(), RLIMIT_NOFILE, &now, NULL) == 0;
}

static bool can_limit_memory(void)
{
    error why = {0};
    memory_group *g = memory_group_create(&why);
    memory_group_destroy(g);
    return g != NULL;
}

static int refuse_memory(void)
{
    struct rlimit none = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    if (setrlimit(RLIMIT_DATA, &none) != 0)
        return 1;
    void *much =
        mmap(NULL, (size_t)64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return much == MAP_FAILED ? 0 : 1;
}

static bool can_refuse_memory(void)
{
    return in_child(refuse_memory);
}

typedef struct {
    const char *name;
    const char *use;
    bool (*works)(void);
    const char *remedy;
} ability;

static const ability abilities[] = {
    {"signals", "kill -9, stop and continue a target", can_signal,
     "run the target as the same user as ordeal"},
    {"descriptor limit", "too many open files in a live target", can_limit_descriptors,
     "allow prlimit (container seccomp profile)"},
    {"memory cgroup", "memory limit with OOM kill", can_limit_memory,
     "be root, or delegate a cgroup with the memory controller; until then RLIMIT_DATA is taken"},
    {"RLIMIT_DATA", "memory limit without a cgroup: refused allocations", can_refuse_memory,
     "a kernel from 4.7 on"},
    {"tmpfs mount", "a really full disk", can_mount_tmpfs,
     "be root, or run inside: unshare --user --map-root-user --mount"},
    {"/dev/fuse", "storage faults and power cuts by chaosfs", can_fuse,
     "be root with the fuse module (modprobe fuse; docker: --device "
     "/dev/fuse --cap-add SYS_ADMIN)"},
    {"seccomp notify", "without /dev/fuse: errors, delays and kills at a target's system calls",
     can_watch_calls, "Linux 5.0, and a container that allows seccomp"},
    {"fusermount3", "unmounting without root", has_fusermount, "apt-get install fuse3"},
    {"network proxy", "latency, resets, half-open connections before a target on loopback",
     can_proxy, "allow sockets on 127.0.0.1"},
    {"vDSO patch", "clock: live jumps, drift, rate, time compression, in any x86-64 program",
     can_patch_vdso,
     "x86-64, ptrace of children and seccomp filters (docker: --cap-add SYS_PTRACE)"},
    {"libfaketime", "clock: skew and rate from the start, in dynamic programs", has_faketime,
     "apt-get install faketime"},
};

static int doctor_command(int argc, char **argv, error *e)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        puts("usage: ordeal doctor\n\nTries what this machine lets ordeal inject, and says how to "
             "get what it does not.");
        return 0;
    }
    if (argc != 1) {
        error_set(e, ERROR_USAGE, "ordeal doctor", "takes no arguments");
        return command_failed(e);
    }
    for (size_t i = 0; i < sizeof abilities / sizeof abilities[0]; i++) {
        const ability *a = &abilities[i];
        bool works = a->works();
        printf("  %-4s %-17s %s\n", works ? "yes" : "no", a->name, a->use);
        if (!works)
            printf("       %-17s to get it: %s\n", "", a->remedy);
    }
    return 0;
}

const command command_doctor = {
    "doctor", "", "tells what this machine can inject, and how to get the rest", doctor_command};
