/* power-cut: the power goes at this moment. The gate shuts, the target dies, and its data becomes a
 * disk that the operation log allows under the chosen model and the fault's seed; at the end the
 * target starts on that. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* `disk` is emptied first. */
static bool build_disk(storage_mount *m, const replay_disk *wanted, uint64_t cut, const char *disk,
                       error *e)
{
    replay *r = replay_open(storage_mount_snapshot(m), storage_mount_log(m), e);
    if (r == NULL)
        return false;
    bool done = files_remove_content(disk, e) && replay_advance(r, cut, e) &&
                replay_build(r, wanted, disk, e);
    replay_close(r);
    return done;
}

/* --- the probe --- */

static bool write_file(const char *directory, const char *name, bool sync, error *e)
{
    char path[4096];
    if (!files_join(path, sizeof path, directory, name, e))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = fd >= 0 && write(fd, name, strlen(name)) == (ssize_t)strlen(name) &&
                (!sync || fsync(fd) == 0);
    if (!done)
        error_errno(e, path, "the probe cannot write");
    if (fd >= 0)
        close(fd);
    return done && (!sync || files_sync_directory(directory, e));
}

static bool holds(const char *disk, const char *folder, const char *name)
{
    char path[4200];
    struct stat status;
    int length = snprintf(path, sizeof path, "%s/%s/%s", disk, folder, name);
    return length > 0 && (size_t)length < sizeof path && stat(path, &status) == 0 &&
           status.st_size == (off_t)strlen(name);
}

/* Two files, one of them synced: on a disk that lost what was not, that one alone is there. */
static bool probe_disk(storage_mount *m, const char *folder, const char *directory,
                       const char *disk, error *e)
{
    replay_disk none = {.model = REPLAY_NONE, .sector = 4096};
    if (!files_make_directories(directory, 0700, e) ||
        !files_sync_directory(storage_mount_point(m), e) ||
        !write_file(directory, "synced", true, e) || !write_file(directory, "lost", false, e))
        return false;
    uint64_t cut = storage_mount_sequence(m);
    if (!storage_mount_flush_log(m, e) || !files_make_directories(disk, 0700, e) ||
        !build_disk(m, &none, cut, disk, e))
        return false;
    return (holds(disk, folder, "synced") && !holds(disk, folder, "lost")) ||
           error_set(e, ERROR_INTERNAL, "fault power-cut",
                     "the disk rebuilt for the probe is not what its syncs allow");
}

static bool probe_power_cut(fault *f, const fault_site *site, error *e)
{
    char folder[64];
    char directory[4096];
    char disk[4096];
    (void)f;
    if (site->process == NULL || site->storage == NULL ||
        storage_mount_snapshot(site->storage) == NULL)
        return error_set(e, ERROR_UNABLE, "fault power-cut",
                         "needs a target that ordeal starts, with chaosfs and its log under the "
                         "data directory (/dev/fuse and root)");
    snprintf(folder, sizeof folder, ".ordeal-probe-cut-%d", (int)getpid());
    if (!storage_mount_alive(site->storage, e) ||
        !files_join(directory, sizeof directory, storage_mount_point(site->storage), folder, e) ||
        !files_join(disk, sizeof disk, site->work_directory, "power-probe", e))
        return false;
    bool seen = probe_disk(site->storage, folder, directory, disk, e);
    return files_remove_tree(directory, e) && files_remove_tree(disk, e) && seen;
}

/* --- the cut --- */

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

/* Whatever else is broken at the moment is not to hurt our own writes. */
static bool replace_disk(storage_mount *m, const replay_disk *wanted, uint64_t cut, error *e)
{
    error problem = {0};
    bool built = storage_mount_replacing(m, e) && storage_mount_flush_log(m, e) &&
                 build_disk(m, wanted, cut, storage_mount_point(m), e);
    bool settled = storage_mount_settle(m, built ? e : &problem);
    return built && settled;
}

/* The gate opens only once the target is dead; what then comes through the mount is ours. */
static bool begin_power_cut(fault *f, const fault_site *site, error *e)
{
    storage_mount *m = site->storage;
    replay_disk wanted = {.model = (replay_model)f->values[0].number,
                          .seed = f->seed,
                          .sector = f->values[1].number == 0 ? 512 : 4096};
    if (!storage_mount_alive(m, e))
        return false;
    storage_mount_shut(m);
    uint64_t cut = storage_mount_sequence(m);
    bool dead = kill_target(site->process, e);
    bool opened = storage_mount_reopen(m, e);
    return dead && opened && replace_disk(m, &wanted, cut, e);
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
