/* power-cut: the power goes at this moment. The gate shuts, the target dies, and its data becomes a
 * disk that the operation log allows under the chosen model and the fault's seed; at the end the
 * target starts on that. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/timing.h"
#include "chaos/fault.h"
#include "chaos/storage/mount.h"
#include "chaos/storage/replay.h"

static const char *const models[] = {"none", "journal", "posix", "all", NULL};
static const char *const sectors[] = {"512", "4096", NULL};
static const parameter rows[] = {
    {.name = "model",
     .type = PARAMETER_WORD,
     .fallback = "journal",
     .description = "what survives unsynced: nothing, an ordered prefix, any subset, everything",
     .words = models},
    {.name = "sector",
     .type = PARAMETER_WORD,
     .fallback = "4096",
     .description = "bytes that are written whole or not at all",
     .words = sectors},
};

static bool probe_power_cut(fault *f, const fault_site *site, error *e)
{
    (void)f;
    if (site->process == NULL || site->storage == NULL ||
        storage_mount_snapshot(site->storage) == NULL)
        return error_set(e, ERROR_UNABLE, "fault power-cut",
                         "needs a target that ordeal starts, with chaosfs and its log under the "
                         "data directory (/dev/fuse and root)");
    return storage_mount_alive(site->storage, e) && storage_mount_flush_log(site->storage, e);
}

static bool kill_target(const process_control *process, error *e)
{
    pid_t pid = process->pid(process->owner);
    if (pid <= 0)
        return error_set(e, ERROR_TARGET, "fault power-cut", "the target is already down");
    process->expect_exit(process->owner);
    if (kill(pid, SIGKILL) != 0)
        return error_errno(e, "fault power-cut", "cannot kill process %d", (int)pid);
    return process->wait_exit(process->owner, 10 * NANOSECONDS_PER_SECOND, e);
}

static bool build_disk(const fault *f, storage_mount *m, uint64_t cut, const char *disk, error *e)
{
    replay *r = replay_open(storage_mount_snapshot(m), storage_mount_log(m), e);
    if (r == NULL)
        return false;
    bool done = files_make_directories(disk, 0755, e) && files_remove_content(disk, e) &&
                replay_advance(r, cut, e) &&
                replay_build(r, (replay_model)f->values[0].number, f->seed,
                             f->values[1].number == 0 ? 512 : 4096, disk, e);
    replay_close(r);
    return done;
}

/* The gate opens only once the target is dead; what then comes through the mount is ours. */
static bool begin_power_cut(fault *f, const fault_site *site, error *e)
{
    char disk[4096];
    storage_mount *m = site->storage;
    if (!files_join(disk, sizeof disk, site->work_directory, "power-cut", e) ||
        !storage_mount_alive(m, e))
        return false;
    storage_mount_shut(m);
    uint64_t cut = storage_mount_sequence(m);
    bool dead = kill_target(site->process, e);
    bool opened = storage_mount_reopen(m, e);
    return dead && opened && storage_mount_flush_log(m, e) && build_disk(f, m, cut, disk, e) &&
           site->process->replace_data(site->process->owner, disk, e) &&
           storage_mount_settle(m, e) && files_remove_tree(disk, e);
}

static bool end_power_cut(fault *f, const fault_site *site, error *e)
{
    (void)f;
    return site->process->start(site->process->owner, e);
}

/* begin succeeds only once the target is dead and its disk replaced: one success is one hit. */
static uint64_t power_cut_hits(const fault *f, const fault_site *site)
{
    (void)f;
    (void)site;
    return 1;
}

const fault_kind fault_power_cut = {
    .name = "power-cut",
    .family = "storage",
    .description = "cut the power: restart the target on a disk that only its syncs vouch for",
    .parameters = rows,
    .parameter_count = sizeof rows / sizeof rows[0],
    .needs = FAULT_NEEDS_STORAGE | FAULT_NEEDS_LOG | FAULT_NEEDS_PROCESS,
    .probe = probe_power_cut,
    .begin = begin_power_cut,
    .end = end_power_cut,
    .hits = power_cut_hits,
};
