#include "run/disks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "chaos/storage/real_disk.h"

/* The largest that a fault of the plan asks for; 0: none does. */
static uint64_t real_size(const scenario *s)
{
    uint64_t size = 0;
    for (size_t i = 0; i < s->fault_count; i++) {
        const fault *f = &s->faults[i].fault;
        int row = (f->kind->needs & FAULT_NEEDS_TMPFS) == 0
                      ? -1
                      : parameter_index(f->kind->parameters, f->kind->parameter_count,
                                        REAL_DISK_PARAMETER);
        if (row >= 0 && f->values[row].number > size)
            size = f->values[row].number;
    }
    return size;
}

static bool mount_real(disks *d, uint64_t size, const char *directory, marker *m, error *e)
{
    error unable = {0};
    char point[560];
    if (!files_join(point, sizeof point, directory, "disk", e) ||
        !files_make_directories(point, 0755, e))
        return false;
    if (!real_disk_mount(point, size, &unable)) {
        log_error(&unable);
        return files_remove_tree(point, e);
    }
    snprintf(d->real, sizeof d->real, "%s", point);
    return marker_add(m, RESOURCE_MOUNT, d->real, e) &&
           files_join(d->backing, sizeof d->backing, d->real, "data", e) &&
           files_make_directories(d->backing, 0755, e);
}

static bool mount_chaosfs(disks *d, const scenario *s, const char *directory, marker *m, error *e)
{
    char control[560];
    char log[560];
    char snapshot[560];
    bool logs = scenario_needs(s) & FAULT_NEEDS_LOG;
    if (!files_join(control, sizeof control, directory, "chaosfs.control", e) ||
        !files_join(log, sizeof log, directory, "chaosfs.log", e) ||
        !files_join(snapshot, sizeof snapshot, directory, "snapshot", e))
        return false;
    storage_mount_options options = {.backing = d->backing,
                                     .mount = d->data,
                                     .control = control,
                                     .log = logs ? log : NULL,
                                     .snapshot = logs ? snapshot : NULL};
    /* Kept for `ordeal crash` alone; a power cut in the run needs them only while it lasts. */
    if (logs && !s->record_storage) {
        memcpy(d->log, log, sizeof d->log);
        memcpy(d->snapshot, snapshot, sizeof d->snapshot);
    }
    d->storage = storage_mount_start(&options, e);
    return d->storage != NULL && marker_add(m, RESOURCE_MOUNT, d->data, e);
}

static bool prepare_backing(disks *d, const scenario *s, const char *directory, marker *m, error *e)
{
    uint64_t size = real_size(s);
    if (size > 0 && !mount_real(d, size, directory, m, e))
        return false;
    return d->real[0] != '\0' ||
           (files_join(d->backing, sizeof d->backing, directory, "backing", e) &&
            files_make_directories(d->backing, 0755, e) &&
            (d->keep || marker_add(m, RESOURCE_DIRECTORY, d->backing, e)));
}

/* The second way, for what can be done by it; the probes skip the other faults out loud. */
static bool watch_calls(disks *d, const char *directory, const error *without, error *e)
{
    char control[560];
    error unable = {0};
    if (!files_join(control, sizeof control, directory, "watch.control", e))
        return false;
    if (!storage_mount_possible_by_calls(&unable)) {
        log_error(&unable);
        return true;
    }
    storage_mount_options options = {.mount = d->data, .control = control, .by_calls = true};
    d->storage = storage_mount_start(&options, e);
    if (d->storage != NULL)
        log_line(LOG_WARNING, "%s %s; storage faults by watching the target's system calls instead",
                 without->place, without->text);
    return d->storage != NULL;
}

bool disks_prepare(disks *d, const scenario *s, const char *directory, bool keep, marker *m,
                   error *e)
{
    error unable = {0};
    char full[PATH_MAX];
    *d = (disks){.keep = keep};
    /* A server may change its directory, or look for what is relative beside its own files. */
    if (realpath(directory, full) == NULL)
        return error_errno(e, directory, "cannot be found");
    if (!files_join(d->data, sizeof d->data, full, "data", e) ||
        !files_make_directories(d->data, 0755, e) ||
        !(keep || marker_add(m, RESOURCE_DIRECTORY, d->data, e)))
        return false;
    snprintf(d->backing, sizeof d->backing, "%s", d->data);
    if (!(scenario_needs(s) & FAULT_NEEDS_STORAGE) || s->target.command == NULL)
        return true;
    if (!storage_mount_possible(&unable))
        return s->record_storage ? error_set(e, ERROR_USAGE, unable.place,
                                             "record: storage is not possible: %s", unable.text)
                                 : watch_calls(d, directory, &unable, e);
    return prepare_backing(d, s, directory, m, e) && mount_chaosfs(d, s, directory, m, e);
}

/* What a real disk holds goes with it. */
static void save_real(const disks *d)
{
    char kept[560];
    error problem = {0};
    snprintf(kept, sizeof kept, "%.*s-kept", (int)sizeof kept - 8, d->real);
    if (!files_make_directories(kept, 0755, &problem) ||
        !files_copy_tree(d->backing, kept, &problem))
        log_error(&problem);
}

void disks_release(disks *d)
{
    error problem = {0};
    if (d->storage != NULL && !storage_mount_stop(d->storage, &problem))
        log_error(&problem);
    d->storage = NULL;
    if (d->log[0] != '\0' &&
        (!files_remove_tree(d->log, &problem) || !files_remove_tree(d->snapshot, &problem)))
        log_error(&problem);
    if (d->real[0] == '\0')
        return;
    if (d->keep)
        save_real(d);
    if (!real_disk_unmount(d->real, &problem) || !files_remove_tree(d->real, &problem))
        log_error(&problem);
}
