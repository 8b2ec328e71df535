/* memory-limit: no more memory than so much. In a cgroup the kernel kills what does not fit; where
 * there is none, RLIMIT_DATA makes the target's allocations fail instead. A target that was killed
 * is started again at the end. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
#include "chaos/process/live_target.h"
#include "chaos/process/memory_group.h"

#define MEBIBYTE ((uint64_t)1024 * 1024)
/* With less than this left of RLIMIT_DATA the next allocation of a page run fails. */
#define NOTHING_LEFT (MEBIBYTE / 4)

typedef struct {
    pid_t pid;
    uint64_t limit;
    uint64_t reached; /* before */
    uint64_t kills;
    struct rlimit before;
} limited;

static const parameter memory_limit_parameters[] = {
    {"limit", PARAMETER_SIZE, "0", "bytes in all; 0: what is used now and `spare`", NULL},
    {"spare", PARAMETER_SIZE, "4MiB", "bytes more than now", NULL},
};

/* --- without a cgroup --- */

static uint64_t data_of(pid_t pid)
{
    char line[256];
    uint64_t kibibytes = 0;
    snprintf(line, sizeof line, "/proc/%d/status", (int)pid);
    FILE *file = fopen(line, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmData:", 7) == 0)
            kibibytes = strtoull(line + 7, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kibibytes * 1024;
}

/* --- the probe: a child that wants more than it may have --- */

_Noreturn static void want_much(memory_group *g)
{
    struct rlimit little = {.rlim_cur = 16 * MEBIBYTE, .rlim_max = 16 * MEBIBYTE};
    memory_group_join(g);
    if (g == NULL && setrlimit(RLIMIT_DATA, &little) != 0)
        _exit(2);
    char *much =
        mmap(NULL, 64 * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (much == MAP_FAILED)
        _exit(1);
    for (size_t i = 0; i < 64 * MEBIBYTE; i += 4096)
        *(volatile char *)(much + i) = 1;
    _exit(0);
}

/* Its exit as waitpid tells it. */
static int watch_child(memory_group *g)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        want_much(g);
    if (pid > 0)
        waitpid(pid, &status, 0);
    return status;
}

static bool probe_group(error *e)
{
    memory_group *g = memory_group_create(e);
    if (g == NULL)
        return false;
    int status = 0;
    bool fine = memory_group_limit(g, 16 * MEBIBYTE, e);
    if (fine) {
        status = watch_child(g);
        fine = (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && memory_group_kills(g) > 0 &&
                memory_group_unlimit(g, e)) ||
               error_set(e, ERROR_UNABLE, "fault memory-limit",
                         "a program beyond its limit was not killed by the kernel");
    }
    if (fine && (!WIFEXITED(status = watch_child(g)) || WEXITSTATUS(status) != 0))
        fine = error_set(e, ERROR_INTERNAL, "fault memory-limit", "still felt after its end");
    memory_group_destroy(g);
    return fine;
}

static bool probe_memory_limit(fault *f, const fault_site *site, error *e)
{
    (void)f;
    pid_t pid;
    struct rlimit now;
    if (!live_target(site, "fault memory-limit", &pid, e))
        return false;
    if (site->memory != NULL)
        return probe_group(e);
    int status = watch_child(NULL);
    if (prlimit(pid, RLIMIT_DATA, NULL, &now) != 0 || prlimit(pid, RLIMIT_DATA, &now, NULL) != 0 ||
        !WIFEXITED(status) || WEXITSTATUS(status) != 1)
        return error_set(e, ERROR_UNABLE, "fault memory-limit",
                         "there is no memory cgroup, and RLIMIT_DATA has no effect here either");
    return true;
}

/* --- in a run --- */

static bool lower_data(limited *state, error *e)
{
    if (prlimit(state->pid, RLIMIT_DATA, NULL, &state->before) != 0)
        return error_errno(e, "fault memory-limit", "cannot read the limit of process %d",
                           (int)state->pid);
    struct rlimit low = {.rlim_cur = state->limit, .rlim_max = state->before.rlim_max};
    return prlimit(state->pid, RLIMIT_DATA, &low, NULL) == 0 ||
           error_errno(e, "fault memory-limit", "cannot limit process %d", (int)state->pid);
}

static bool begin_memory_limit(fault *f, const fault_site *site, error *e)
{
    limited state = {.limit = f->values[0].number};
    if (!live_target(site, "fault memory-limit", &state.pid, e))
        return false;
    uint64_t used = site->memory != NULL ? memory_group_used(site->memory) : data_of(state.pid);
    if (state.limit == 0)
        state.limit = used + f->values[1].number;
    if (site->memory != NULL) {
        state.reached = memory_group_reached(site->memory);
        state.kills = memory_group_kills(site->memory);
    }
    site->process->expect_exit(site->process->owner);
    if (site->memory != NULL ? !memory_group_limit(site->memory, state.limit, e)
                             : !lower_data(&state, e)) {
        site->process->expect_no_exit(site->process->owner);
        return false;
    }
    f->state = malloc(sizeof state);
    CHECK(f->state != NULL);
    *(limited *)f->state = state;
    return true;
}

static bool raise_again(const limited *state, const fault_site *site, error *e)
{
    if (site->memory != NULL)
        return memory_group_unlimit(site->memory, e);
    return site->process->pid(site->process->owner) != state->pid ||
           prlimit(state->pid, RLIMIT_DATA, &state->before, NULL) == 0 ||
           error_errno(e, "fault memory-limit", "cannot restore the limit of process %d",
                       (int)state->pid);
}

static bool end_memory_limit(fault *f, const fault_site *site, error *e)
{
    const process_control *process = site->process;
    limited state = *(limited *)f->state;
    error still_there = {0};
    free(f->state);
    f->state = NULL;
    if (!raise_again(&state, site, e))
        return false;
    /* One that was killed a moment ago may not have been seen dead yet. */
    if (site->memory != NULL && memory_group_kills(site->memory) > state.kills)
        process->wait_exit(process->owner, NANOSECONDS_PER_SECOND / 2, &still_there);
    if (process->pid(process->owner) == 0)
        return process->start(process->owner, e);
    process->expect_no_exit(process->owner);
    return true;
}

static uint64_t memory_limit_hits(const fault *f, const fault_site *site)
{
    const limited *state = f->state;
    if (state == NULL)
        return 0;
    if (site->memory != NULL)
        return memory_group_reached(site->memory) - state->reached +
               (memory_group_kills(site->memory) - state->kills);
    return site->process->pid(site->process->owner) != state->pid ||
           data_of(state->pid) + NOTHING_LEFT > state->limit;
}

static void tell_memory_limit(const fault *f, const fault_site *site, char *text, size_t size)
{
    const limited *state = f->state;
    char limit[32];
    units_show_size(state->limit, limit);
    if (site->memory == NULL)
        snprintf(text, size, "allocations limited to %s by RLIMIT_DATA", limit);
    else
        snprintf(text, size,
                 "memory limited to %s, reached %" PRIu64 " times; the kernel killed %" PRIu64
                 " for want of memory",
                 limit, memory_group_reached(site->memory) - state->reached,
                 memory_group_kills(site->memory) - state->kills);
}

const fault_kind fault_memory_limit = {
    .name = "memory-limit",
    .family = "process",
    .description = "no more memory: killed by the kernel for want of it, or refused allocations",
    .parameters = memory_limit_parameters,
    .parameter_count = 2,
    .needs = FAULT_NEEDS_PROCESS | FAULT_NEEDS_MEMORY,
    .probe = probe_memory_limit,
    .begin = begin_memory_limit,
    .end = end_memory_limit,
    .hits = memory_limit_hits,
    .tell = tell_memory_limit,
};
