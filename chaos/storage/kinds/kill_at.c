/* kill-at: SIGKILL before or after exactly the Nth matching operation. A gate shuts in the same
 * moment, so nothing that the dying target still sends reaches the disk. */
#include <signal.h>

#include "base/timing.h"
#include "chaos/storage/storage_fault.h"

static const char *const moments[] = {"before", "after", NULL};
static const parameter rows[] = {
    STORAGE_PATH,
    STORAGE_OPERATIONS_ROW("mutating,sync"),
    {.name = "after",
     .type = PARAMETER_WHOLE,
     .fallback = "0",
     .description = "matching operations to let by first; 4: die at the fifth"},
    {.name = "moment",
     .type = PARAMETER_WORD,
     .fallback = "before",
     .description = "before the operation takes effect, or right after",
     .words = moments},
};

static void shape(const fault *f, storage_rule *rule)
{
    rule->action =
        storage_value(f, "moment")->number == 0 ? STORAGE_KILL_BEFORE : STORAGE_KILL_AFTER;
    rule->count = 1;
}

static bool felt(const probe_sight *sight)
{
    return sight->killed_by == SIGKILL;
}

static bool probe_kill(fault *f, const fault_site *site, error *e)
{
    if (site->process == NULL)
        return error_set(
            e, ERROR_UNABLE, "fault kill-at",
            "the target was not started by ordeal; give its command in the target file");
    return storage_probe(f, site, e);
}

/* Until it has struck, an exit is the target's own doing. */
static bool struck(void *with)
{
    return storage_mount_crashed(with);
}

static bool begin_kill(fault *f, const fault_site *site, error *e)
{
    const process_control *process = site->process;
    pid_t pid = process->pid(process->owner);
    if (pid <= 0)
        return error_set(e, ERROR_TARGET, "fault kill-at", "the target is already down");
    process->expect_exit_if(process->owner, struck, site->storage);
    if (storage_arm(f, site, pid, e))
        return true;
    process->expect_exit_if(process->owner, NULL, NULL);
    return false;
}

static bool end_kill(fault *f, const fault_site *site, error *e)
{
    const process_control *process = site->process;
    bool fired = storage_hits(f, site) > 0;
    bool dead = !fired || process->wait_exit(process->owner, 10 * NANOSECONDS_PER_SECOND, e);
    process->expect_exit_if(process->owner, NULL, NULL);
    bool healed = storage_end(f, site, e);
    if (storage_mount_crashed(site->storage))
        healed = storage_mount_reopen(site->storage, e) && healed;
    return dead && healed && (!fired || process->start(process->owner, e));
}

const fault_kind fault_kill_at = {
    .name = "kill-at",
    .family = "storage",
    .description = "kill -9 the target at exactly the Nth storage operation, start it at the end",
    .parameters = rows,
    .parameter_count = sizeof rows / sizeof rows[0],
    .needs = FAULT_NEEDS_STORAGE | FAULT_NEEDS_PROCESS,
    .check = storage_check,
    .probe = probe_kill,
    .begin = begin_kill,
    .end = end_kill,
    .hits = storage_hits,
};
const storage_fault storage_kill_at = {.kind = &fault_kill_at,
                                       .operations = STORAGE_MUTATING | STORAGE_SYNCING,
                                       .shape = shape,
                                       .felt = felt};
