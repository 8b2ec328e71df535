/* fd-limit: prlimit on the living target, so that its next open or accept fails with a real
 * EMFILE. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "chaos/process/live_target.h"

#define STANDARD_DESCRIPTORS 3 /* that every program keeps open */

typedef struct {
    pid_t pid;
    struct rlimit before;
    rlim_t limit;
} lowered;

static const parameter fd_limit_parameters[] = {
    {"limit", PARAMETER_WHOLE, "0",
     "first descriptor number that is refused; 0: all that are not open", NULL},
};

/* Below `most`; `most` itself when all are taken. */
static rlim_t lowest_free(pid_t pid, rlim_t most)
{
    for (rlim_t number = 0; number < most; number++) {
        char path[64];
        char unused[4];
        snprintf(path, sizeof path, "/proc/%d/fd/%llu", (int)pid, (unsigned long long)number);
        if (readlink(path, unused, sizeof unused) < 0)
            return number;
    }
    return most;
}

static bool probe_fd_limit(fault *f, const fault_site *site, error *e)
{
    (void)f;
    pid_t pid;
    struct rlimit now;
    if (!live_target(site, "fault fd-limit", &pid, e))
        return false;
    if (prlimit(pid, RLIMIT_NOFILE, NULL, &now) == 0 &&
        prlimit(pid, RLIMIT_NOFILE, &now, NULL) == 0)
        return true;
    return error_set(e, ERROR_UNABLE, "fault fd-limit",
                     "may not set limits of process %d; run as its user or as root", (int)pid);
}

static bool begin_fd_limit(fault *f, const fault_site *site, error *e)
{
    lowered state = {0};
    if (!live_target(site, "fault fd-limit", &state.pid, e))
        return false;
    if (prlimit(state.pid, RLIMIT_NOFILE, NULL, &state.before) != 0)
        return error_errno(e, "fault fd-limit", "cannot read the limit of process %d",
                           (int)state.pid);
    state.limit = f->values[0].number;
    /* Whatever the target closes meanwhile has a higher number. */
    if (state.limit == 0)
        state.limit = lowest_free(state.pid, STANDARD_DESCRIPTORS);
    struct rlimit low = {.rlim_cur = state.limit, .rlim_max = state.before.rlim_max};
    if (prlimit(state.pid, RLIMIT_NOFILE, &low, NULL) != 0)
        return error_errno(e, "fault fd-limit", "cannot lower the limit of process %d to %llu",
                           (int)state.pid, (unsigned long long)state.limit);
    f->state = malloc(sizeof state);
    CHECK(f->state != NULL);
    *(lowered *)f->state = state;
    return true;
}

/* A target that was started again meanwhile never had the limit. */
static bool end_fd_limit(fault *f, const fault_site *site, error *e)
{
    lowered state = *(lowered *)f->state;
    free(f->state);
    f->state = NULL;
    if (site->process->pid(site->process->owner) != state.pid)
        return true;
    return prlimit(state.pid, RLIMIT_NOFILE, &state.before, NULL) == 0 ||
           error_errno(e, "fault fd-limit", "cannot restore the limit of process %d",
                       (int)state.pid);
}

/* With every number below the limit in use, nothing can be opened: the kernel's own view. */
static uint64_t fd_limit_hits(const fault *f, const fault_site *site)
{
    const lowered *state = f->state;
    (void)site;
    return state != NULL && lowest_free(state->pid, state->limit) == state->limit;
}

const fault_kind fault_fd_limit = {
    .name = "fd-limit",
    .family = "process",
    .description = "no more file descriptors: the target's open and accept fail with EMFILE",
    .parameters = fd_limit_parameters,
    .parameter_count = 1,
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_fd_limit,
    .begin = begin_fd_limit,
    .end = end_fd_limit,
    .hits = fd_limit_hits,
};
