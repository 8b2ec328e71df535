/* The process kinds on a small child of the test's own: it feels the fault, and nothing after. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/timing.h"
#include "chaos/fault.h"
#include "chaos/process/memory_group.h"

typedef struct {
    pid_t pid;
    int link; /* a byte to the child asks it to open a file; it answers 'y' or 'n' */
    int starts;
} child;

static memory_group *joined;

static bool grow(void)
{
    size_t size = (size_t)32 << 20;
    char *more = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; more != MAP_FAILED && i < size; i += 4096)
        *(volatile char *)(more + i) = 1;
    return more != MAP_FAILED && munmap(more, size) == 0;
}

static _Noreturn void serve(int link)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (read(link, &byte, 1) == 1) {
        if (byte == 'm') {
            byte = grow() ? 'y' : 'n';
            if (write(link, &byte, 1) != 1)
                break;
            continue;
        }
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        byte = fd >= 0 ? 'y' : 'n';
        if (fd >= 0)
            close(fd);
        if (write(link, &byte, 1) != 1)
            break;
    }
    _exit(0);
}

static bool start(void *owner, error *e)
{
    child *c = owner;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return error_errno(e, "test", "cannot make a socket pair");
    c->pid = fork();
    if (c->pid == 0) {
        close(ends[0]);
        memory_group_join(joined);
        serve(ends[1]);
    }
    close(ends[1]);
    c->link = ends[0];
    c->starts++;
    return true;
}

static bool can_open(const child *c)
{
    char byte = '?';
    cr_assert(write(c->link, &byte, 1) == 1);
    cr_assert(read(c->link, &byte, 1) == 1);
    return byte == 'y';
}

static pid_t pid_of(void *owner)
{
    return ((child *)owner)->pid;
}

static void expect_exit(void *owner)
{
    (void)owner;
}

static bool wait_exit(void *owner, uint64_t nanoseconds, error *e)
{
    child *c = owner;
    uint64_t until = timing_now() + nanoseconds;
    while (waitpid(c->pid, NULL, WNOHANG) == 0) {
        if (timing_now() > until)
            return error_set(e, ERROR_TARGET, "test", "the child is still there");
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    }
    c->pid = 0;
    close(c->link);
    return true;
}

static bool forgiven;

static void expect_no_exit(void *owner)
{
    (void)owner;
    forgiven = true;
}

static child small;
static error e;
static const process_control control = {.owner = &small,
                                        .pid = pid_of,
                                        .expect_exit = expect_exit,
                                        .expect_no_exit = expect_no_exit,
                                        .wait_exit = wait_exit,
                                        .start = start};
static const fault_site site = {.work_directory = "/tmp", .process = &control};

static void set_up(void)
{
    cr_assert(start(&small, &e));
}

static void tear_down(void)
{
    if (small.pid > 0) {
        kill(small.pid, SIGKILL);
        wait_exit(&small, 5 * NANOSECONDS_PER_SECOND, &e);
    }
}

TestSuite(process, .init = set_up, .fini = tear_down);

static fault prepared(const char *name)
{
    fault f = {.kind = fault_kind_named(name)};
    cr_assert_not_null(f.kind);
    for (size_t i = 0; i < f.kind->parameter_count; i++)
        cr_assert(parameter_parse(&f.kind->parameters[i], f.kind->parameters[i].fallback,
                                  &f.values[i], &e));
    cr_assert(f.kind->probe(&f, &site, &e), "%s: %s", e.place, e.text);
    return f;
}

static void begin(fault *f)
{
    cr_assert(f->kind->begin(f, &site, &e), "%s: %s", e.place, e.text);
}

static void end(fault *f)
{
    cr_assert(f->kind->end(f, &site, &e), "%s: %s", e.place, e.text);
}

Test(process, fd_limit_refuses_the_next_file_and_is_gone_after)
{
    fault f = prepared("fd-limit");
    cr_expect(can_open(&small));
    begin(&f);
    cr_expect(!can_open(&small));
    cr_expect(f.kind->hits(&f, &site) > 0);
    end(&f);
    cr_expect(can_open(&small));
}

Test(process, fd_limit_far_above_what_is_open_counts_no_hit)
{
    fault f = prepared("fd-limit");
    f.values[0].number = 500;
    begin(&f);
    cr_expect(can_open(&small));
    cr_expect(f.kind->hits(&f, &site) == 0);
    end(&f);
}

Test(process, cpu_pin_leaves_one_processor_and_gives_the_others_back)
{
    cpu_set_t before;
    cpu_set_t now;
    fault f = prepared("cpu-pin");
    cr_assert(sched_getaffinity(small.pid, sizeof before, &before) == 0);
    begin(&f);
    cr_assert(sched_getaffinity(small.pid, sizeof now, &now) == 0);
    cr_expect(CPU_COUNT(&now) == 1);
    cr_expect(f.kind->hits(&f, &site) > 0);
    end(&f);
    cr_assert(sched_getaffinity(small.pid, sizeof now, &now) == 0);
    cr_expect(CPU_EQUAL(&before, &now));
}

Test(process, terminate_ends_the_process_and_starts_another)
{
    fault f = prepared("terminate");
    pid_t first = small.pid;
    begin(&f);
    cr_expect(small.pid == 0);
    cr_expect(kill(first, 0) != 0);
    end(&f);
    cr_expect(small.starts == 2);
    cr_expect(can_open(&small));
}

Test(process, kill_ends_the_process_at_once_and_starts_another_at_the_end)
{
    fault f = prepared("kill");
    pid_t first = small.pid;
    begin(&f);
    cr_expect(small.pid == 0 && small.starts == 1);
    cr_expect(kill(first, 0) != 0);
    cr_expect(f.kind->hits(&f, &site) > 0);
    end(&f);
    cr_expect(small.starts == 2);
    cr_expect(can_open(&small));
}

Test(process, a_paused_process_answers_only_once_it_goes_on)
{
    char byte = '?';
    fault f = prepared("pause");
    struct pollfd answer = {.fd = small.link, .events = POLLIN};
    begin(&f);
    while (f.kind->hits(&f, &site) == 0)
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    cr_assert(write(small.link, &byte, 1) == 1);
    cr_expect(poll(&answer, 1, 100) == 0, "it answered although it is stopped");
    end(&f);
    cr_expect(poll(&answer, 1, 10000) == 1);
    cr_expect(read(small.link, &byte, 1) == 1 && byte == 'y');
}

Test(process, restart_leaves_another_process_that_works)
{
    fault f = prepared("restart");
    pid_t first = small.pid;
    begin(&f);
    cr_expect(small.pid > 0 && small.pid != first);
    cr_expect(small.starts == 2);
    cr_expect(can_open(&small));
    end(&f);
    cr_expect(small.starts == 2);
}

/* A byte 'm' to the child makes it want another 32 MiB; true when it got and used them. */
static bool can_grow(const child *c)
{
    char byte = 'm';
    return write(c->link, &byte, 1) == 1 && read(c->link, &byte, 1) == 1 && byte == 'y';
}

Test(process, memory_limit_without_a_cgroup_refuses_allocations_and_is_gone_after)
{
    fault f = prepared("memory-limit");
    cr_expect(can_grow(&small));
    begin(&f);
    cr_expect(!can_grow(&small));
    end(&f);
    cr_expect(forgiven);
    cr_expect(can_grow(&small));
}

Test(process, memory_limit_in_a_cgroup_has_the_kernel_kill_and_says_so)
{
    char text[200];
    memory_group *group = memory_group_create(&e);
    if (group == NULL) {
        cr_log_warn("skip - no memory cgroup here: %s", e.text);
        return;
    }
    tear_down();
    joined = group;
    cr_assert(start(&small, &e));
    fault_site inside = site;
    inside.memory = group;
    fault f = {.kind = fault_kind_named("memory-limit")};
    cr_assert(parameter_parse(&f.kind->parameters[0], "0", &f.values[0], &e));
    cr_assert(parameter_parse(&f.kind->parameters[1], "8MiB", &f.values[1], &e));
    cr_assert(f.kind->probe(&f, &inside, &e), "%s: %s", e.place, e.text);
    cr_expect(can_grow(&small));
    cr_assert(f.kind->begin(&f, &inside, &e), "%s: %s", e.place, e.text);
    signal(SIGPIPE, SIG_IGN);
    cr_expect(!can_grow(&small));
    cr_assert(wait_exit(&small, 5 * NANOSECONDS_PER_SECOND, &e));
    cr_expect(f.kind->hits(&f, &inside) > 0);
    f.kind->tell(&f, &inside, text, sizeof text);
    cr_expect(strstr(text, "the kernel killed 1") != NULL, "%s", text);
    cr_assert(f.kind->end(&f, &inside, &e), "%s: %s", e.place, e.text);
    cr_expect(small.starts == 3);
    cr_expect(can_grow(&small));
    tear_down();
    memory_group_destroy(group);
}

Test(process, a_target_that_we_did_not_start_is_skipped_with_a_reason)
{
    const char *names[] = {"kill",    "pause",   "terminate",   "fd-limit",
                           "cpu-pin", "restart", "memory-limit"};
    fault_site none = {.work_directory = "/tmp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fault f = {.kind = fault_kind_named(names[i])};
        error_clear(&e);
        cr_assert_not_null(f.kind);
        cr_expect(!f.kind->probe(&f, &none, &e));
        cr_expect(e.kind == ERROR_UNABLE);
    }
}
