#include "chaos/process/live_target.h"

bool live_target(const fault_site *site, const char *place, pid_t *pid, error *e)
{
    if (site->process == NULL)
        return error_set(
            e, ERROR_UNABLE, place,
            "the target was not started by ordeal; give its command in the target file");
    *pid = site->process->pid(site->process->owner);
    return *pid > 0 || error_set(e, ERROR_TARGET, place, "the target is down");
}
