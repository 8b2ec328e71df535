/* kill: the target dies by SIGKILL, stays down for the fault's length, and is started again. */
#include <signal.h>

#include "base/check.h"
#include "base/timing.h"
#include "chaos/fault.h"

static bool probe_kill(fault *f, const fault_site *site, error *e)
{
    (void)f;
    if (site->process == NULL)
        return error_set(
            e, ERROR_UNABLE, "fault kill",
            "the target was not started by ordeal; give its command in the target file");
    pid_t pid = site->process->pid(site->process->owner);
    if (pid <= 0 || kill(pid, 0) != 0)
        return error_set(e, ERROR_UNABLE, "fault kill", "may not signal the target's process %d",
                         (int)pid);
    return true;
}

static bool begin_kill(fault *f, const fault_site *site, error *e)
{
    (void)f;
    const process_control *process = site->process;
    pid_t pid = process->pid(process->owner);
    if (pid <= 0)
        return error_set(e, ERROR_TARGET, "fault kill", "the target is already down");
    process->expect_exit(process->owner);
    if (kill(pid, SIGKILL) != 0)
        return error_errno(e, "fault kill", "cannot kill process %d", (int)pid);
    return process->wait_exit(process->owner, 10 * NANOSECONDS_PER_SECOND, e);
}

static bool end_kill(fault *f, const fault_site *site, error *e)
{
    (void)f;
    return site->process->start(site->process->owner, e);
}

/* begin succeeds only once the process is seen dead, so one success is one hit. */
static uint64_t kill_hits(const fault *f, const fault_site *site)
{
    (void)f;
    (void)site;
    return 1;
}

const fault_kind fault_kill = {
    .name = "kill",
    .family = "process",
    .description = "kill -9 the target, leave it down for the fault's length, start it again",
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_kill,
    .begin = begin_kill,
    .end = end_kill,
    .hits = kill_hits,
};
