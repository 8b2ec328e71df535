/* restart: the target ends and is started again at once, as a deployment or a watchdog does it. */
#include <signal.h>

#include "base/timing.h"
#include "chaos/process/live_target.h"

static const char *const manners[] = {"terminate", "kill", NULL};
static const parameter restart_parameters[] = {
    {"by", PARAMETER_WORD, "terminate", "SIGTERM or SIGKILL", manners},
    {"patience", PARAMETER_DURATION, "10s", "how long the target may take to end", NULL},
};

static bool probe_restart(fault *f, const fault_site *site, error *e)
{
    (void)f;
    pid_t pid;
    return live_target(site, "fault restart", &pid, e) &&
           (kill(pid, 0) == 0 ||
            error_set(e, ERROR_UNABLE, "fault restart", "may not signal process %d", (int)pid));
}

static bool begin_restart(fault *f, const fault_site *site, error *e)
{
    const process_control *process = site->process;
    pid_t pid;
    if (!live_target(site, "fault restart", &pid, e))
        return false;
    process->expect_exit(process->owner);
    if (kill(pid, f->values[0].number == 0 ? SIGTERM : SIGKILL) != 0)
        return error_errno(e, "fault restart", "cannot signal process %d", (int)pid);
    return process->wait_exit(process->owner, f->values[1].number, e) &&
           process->start(process->owner, e);
}

static bool end_restart(fault *f, const fault_site *site, error *e)
{
    (void)f;
    (void)site;
    (void)e;
    return true;
}

/* begin succeeds only once another process is ready, so one success is one hit. */
static uint64_t restart_hits(const fault *f, const fault_site *site)
{
    (void)f;
    (void)site;
    return 1;
}

const fault_kind fault_restart = {
    .name = "restart",
    .family = "process",
    .description = "end the target and start it again at once",
    .parameters = restart_parameters,
    .parameter_count = 2,
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_restart,
    .begin = begin_restart,
    .end = end_restart,
    .hits = restart_hits,
};
