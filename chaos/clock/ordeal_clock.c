/* ordeal-clock: runs a program with the clock of a page (clock.h).
 *
 * The program keeps this process's number: it is the tracer that goes aside, as a grandchild that
 * nobody has to wait for. */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "chaos/clock/page.h"
#include "chaos/clock/tell.h"
#include "chaos/clock/tracer.h"
#include "chaos/clock/waits.h"

static _Noreturn void give_up(const error *e)
{
    char line[700];
    fprintf(stderr, "ordeal-clock: %s\n", error_line(e, line, sizeof line));
    _exit(127);
}

static clock_page *open_page(const char *path, error *e)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *page = fd < 0 ? MAP_FAILED
                        : mmap(NULL, CLOCK_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (page == MAP_FAILED) {
        error_errno(e, path, "cannot be mapped");
        return NULL;
    }
    if (((clock_page *)page)->magic != CLOCK_PAGE_MAGIC) {
        error_set(e, ERROR_USAGE, path, "is not a clock's page");
        return NULL;
    }
    return page;
}

/* Keeps nothing of the program's open but where complaints go: whoever reads its output waits for
 * the last writer. */
static _Noreturn void be_tracer(pid_t program, clock_page *page, const char *path, int ready)
{
    setsid();
    bool fine = tracer_attach(program);
    (void)!write(ready, fine ? "y" : "n", 1);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 2; fd++)
        dup2(null, fd);
    syscall(SYS_close_range, 3U, ~0U, 0U);
    if (fine)
        tracer_follow(page, path);
    _exit(0);
}

static bool start_tracer(clock_page *page, const char *path, error *e)
{
    int ready[2];
    char answer = 'n';
    pid_t program = getpid();
    if (pipe2(ready, O_CLOEXEC) != 0)
        return error_errno(e, "tracer", "cannot make a pipe");
    /* Where only parents may trace (Yama); elsewhere it is refused and not needed. */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    pid_t between = fork();
    if (between == 0) {
        if (fork() == 0)
            be_tracer(program, page, path, ready[1]);
        _exit(0);
    }
    close(ready[1]);
    bool fine = between > 0 && waitpid(between, NULL, 0) == between &&
                read(ready[0], &answer, 1) == 1 && answer == 'y';
    close(ready[0]);
    return fine || error_set(e, ERROR_UNABLE, "ptrace",
                             "may not follow a child (docker: --cap-add SYS_PTRACE)");
}

static bool filter_waits(bool every_wait, error *e)
{
    struct sock_filter instructions[WAIT_FILTER_MOST];
    struct sock_fprog program = {.filter = instructions};
    program.len = (unsigned short)waits_filter(every_wait, instructions);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        return true;
    /* Without root it is allowed only to who can gain no more rights. */
    return (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) ||
           error_errno(e, "seccomp", "cannot filter system calls");
}

static int usage(FILE *where, int code)
{
    fputs("usage: ordeal-clock PAGE PROGRAM [ARGUMENT]...\n"
          "       ordeal-clock --tell\n\n"
          "Runs PROGRAM with the clock of PAGE, which ordeal makes and changes while it runs. The\n"
          "second form is what the probes run: a line in, its wall and monotonic clock out.\n",
          where);
    return code;
}

int main(int argc, char **argv)
{
    error e = {0};
    if (argc == 2 && strcmp(argv[1], "--tell") == 0)
        return clock_tell();
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc < 3)
        return usage(stderr, 2);
    char *path = realpath(argv[1], NULL);
    clock_page *page = path != NULL ? open_page(path, &e) : NULL;
    if (path == NULL)
        error_errno(&e, argv[1], "cannot be found");
    if (page == NULL || !start_tracer(page, path, &e) || !filter_waits(page->scales_waits != 0, &e))
        give_up(&e);
    execvp(argv[2], argv + 2);
    error_errno(&e, argv[2], "cannot be run");
    give_up(&e);
}
