/* terminate: SIGTERM, as a deployment does it; the target must go by itself within `patience`. */
#include <signal.h>

#include "base/timing.h"
#include "chaos/process/live_target.h"

static const parameter terminate_parameters[] = {
    {"patience", PARAMETER_DURATION, "10s", "how long the target may take to end by itself", NULL},
};

static bool probe_terminate(fault *f, const fault_site *site, error *e)
{
    (void)f;
    pid_t pid;
    return live_target(site, "fault terminate", &pid, e) &&
           (kill(pid, 0) == 0 ||
            error_set(e, ERROR_UNABLE, "fault terminate", "may not signal process %d", (int)pid));
}

static bool begin_terminate(fault *f, const fault_site *site, error *e)
{
    const process_control *process = site->process;
    pid_t pid;
    if (!live_target(site, "fault terminate", &pid, e))
        return false;
    process->expect_exit(process->owner);
    if (kill(pid, SIGTERM) != 0)
        return error_errno(e, "fault terminate", "cannot send SIGTERM to process %d", (int)pid);
    return process->wait_exit(process->owner, f->values[0].number, e);
}

static bool end_terminate(fault *f, const fault_site *site, error *e)
{
    (void)f;
    return site->process->start(site->process->owner, e);
}

/* begin succeeds only once the process is seen gone, so one success is one hit. */
static uint64_t terminate_hits(const fault *f, const fault_site *site)
{
    (void)f;
    (void)site;
    return 1;
}

const fault_kind fault_terminate = {
    .name = "terminate",
    .family = "process",
    .description = "SIGTERM the target, leave it down for the fault's length, start it again",
    .parameters = terminate_parameters,
    .parameter_count = 1,
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_terminate,
    .begin = begin_terminate,
    .end = end_terminate,
    .hits = terminate_hits,
};
