/* cpu-pin: every thread of the target on one processor for the fault's length. */
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "chaos/process/live_target.h"

typedef struct {
    pid_t pid;
    cpu_set_t before;
} pinned;

static const parameter cpu_pin_parameters[] = {
    {"cpu", PARAMETER_WHOLE, "0", "number of the processor", NULL},
};

/* A thread that ends while we look is no failure. */
static bool move_threads(pid_t pid, const cpu_set_t *processors, error *e)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    if (threads == NULL)
        return error_errno(e, "fault cpu-pin", "cannot list the threads of process %d", (int)pid);
    bool fine = true;
    for (struct dirent *entry = readdir(threads); fine && entry != NULL; entry = readdir(threads)) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        if (thread > 0 && sched_setaffinity(thread, sizeof *processors, processors) != 0 &&
            errno != ESRCH)
            fine = error_errno(e, "fault cpu-pin", "cannot move thread %d", (int)thread);
    }
    closedir(threads);
    return fine;
}

static bool probe_cpu_pin(fault *f, const fault_site *site, error *e)
{
    pid_t pid;
    cpu_set_t now;
    if (!live_target(site, "fault cpu-pin", &pid, e))
        return false;
    if (sched_getaffinity(pid, sizeof now, &now) != 0)
        return error_errno(e, "fault cpu-pin", "cannot read the processors of process %d",
                           (int)pid);
    if (f->values[0].number >= CPU_SETSIZE || !CPU_ISSET(f->values[0].number, &now))
        return error_set(e, ERROR_UNABLE, "fault cpu-pin", "the target may not use processor %llu",
                         (unsigned long long)f->values[0].number);
    return true;
}

static bool begin_cpu_pin(fault *f, const fault_site *site, error *e)
{
    pinned state = {0};
    cpu_set_t one;
    if (!probe_cpu_pin(f, site, e) || !live_target(site, "fault cpu-pin", &state.pid, e))
        return false;
    if (sched_getaffinity(state.pid, sizeof state.before, &state.before) != 0)
        return error_errno(e, "fault cpu-pin", "cannot read the processors of process %d",
                           (int)state.pid);
    CPU_ZERO(&one);
    CPU_SET(f->values[0].number, &one);
    error ignored = {0};
    if (!move_threads(state.pid, &one, e)) {
        move_threads(state.pid, &state.before, &ignored);
        return false;
    }
    f->state = malloc(sizeof state);
    CHECK(f->state != NULL);
    *(pinned *)f->state = state;
    return true;
}

static bool end_cpu_pin(fault *f, const fault_site *site, error *e)
{
    pinned state = *(pinned *)f->state;
    free(f->state);
    f->state = NULL;
    return site->process->pid(site->process->owner) != state.pid ||
           move_threads(state.pid, &state.before, e);
}

static uint64_t cpu_pin_hits(const fault *f, const fault_site *site)
{
    const pinned *state = f->state;
    cpu_set_t now;
    (void)site;
    return state != NULL && sched_getaffinity(state->pid, sizeof now, &now) == 0 &&
           CPU_COUNT(&now) == 1 && CPU_ISSET(f->values[0].number, &now);
}

const fault_kind fault_cpu_pin = {
    .name = "cpu-pin",
    .family = "process",
    .description = "every thread of the target on one processor",
    .parameters = cpu_pin_parameters,
    .parameter_count = 1,
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_cpu_pin,
    .begin = begin_cpu_pin,
    .end = end_cpu_pin,
    .hits = cpu_pin_hits,
};
