/* ordeal doctor: what this machine can and cannot inject, and how to get it. Every row is tried,
 * not guessed. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
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

static bool has_fusermount(void)
{
    return access("/usr/bin/fusermount3", X_OK) == 0;
}

static bool first_file(const char *const *paths)
{
    for (; *paths != NULL; paths++)
        if (access(*paths, R_OK) == 0)
            return true;
    return false;
}

static bool has_faketime(void)
{
    static const char *const paths[] = {"/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                                        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
                                        NULL};
    return first_file(paths);
}

static int be_traced(void)
{
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(1);
        raise(SIGSTOP);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return 1;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)child);
    int memory = open(path, O_RDWR | O_CLOEXEC);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return memory >= 0 ? 0 : 1;
}

static bool can_patch_vdso(void)
{
#if defined(__x86_64__)
    return in_child(be_traced);
#else
    return false;
#endif
}

static bool can_limit_descriptors(void)
{
    struct rlimit now;
    return prlimit(getpid(), RLIMIT_NOFILE, NULL, &now) == 0 &&
           prlimit(getpid(), RLIMIT_NOFILE, &now, NULL) == 0;
}

static bool writable_cgroup(const char *folder)
{
    char path[128];
    error ignored = {0};
    snprintf(path, sizeof path, "%s/ordeal-doctor-%d", folder, (int)getpid());
    return files_make_directories(path, 0755, &ignored) && rmdir(path) == 0;
}

static bool can_limit_memory(void)
{
    if (access("/sys/fs/cgroup/memory/memory.limit_in_bytes", W_OK) == 0)
        return writable_cgroup("/sys/fs/cgroup/memory");
    return access("/sys/fs/cgroup/cgroup.subtree_control", W_OK) == 0 &&
           writable_cgroup("/sys/fs/cgroup");
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
     "be root, or delegate a cgroup with the memory controller"},
    {"tmpfs mount", "a really full disk", can_mount_tmpfs,
     "be root, or run inside: unshare --user --map-root-user --mount"},
    {"/dev/fuse", "storage faults and power cuts by chaosfs", can_fuse,
     "be root with the fuse module (modprobe fuse; docker: --device "
     "/dev/fuse --cap-add SYS_ADMIN)"},
    {"fusermount3", "unmounting without root", has_fusermount, "apt-get install fuse3"},
    {"libfaketime", "clock skew and rate from the start", has_faketime, "apt-get install faketime"},
    {"vDSO patch", "live clock jumps in any x86-64 program", can_patch_vdso,
     "x86-64 and ptrace of children (docker: --cap-add SYS_PTRACE)"},
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
