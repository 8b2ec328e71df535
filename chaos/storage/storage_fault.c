#include "chaos/storage/storage_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

/* One row a kind. */
extern const storage_fault storage_disk_full, storage_quota, storage_io_error, storage_no_entry,
    storage_read_only, storage_too_many_files, storage_fsync_fails_once, storage_slow_disk,
    storage_stalled_disk, storage_bit_rot, storage_misdirected_write, storage_lost_write,
    storage_torn_write, storage_short_write, storage_kill_at;

static const storage_fault *const storage_faults[] = {
    &storage_disk_full,    &storage_quota,          &storage_io_error,          &storage_no_entry,
    &storage_read_only,    &storage_too_many_files, &storage_fsync_fails_once,  &storage_slow_disk,
    &storage_stalled_disk, &storage_bit_rot,        &storage_misdirected_write, &storage_lost_write,
    &storage_torn_write,   &storage_short_write,    &storage_kill_at,
};

#define STORAGE_FAULTS (sizeof storage_faults / sizeof storage_faults[0])

/* The probe is delayed by this, whatever the scenario asks: enough to see, not to wait for. */
#define PROBE_DELAY (20 * NANOSECONDS_PER_MILLISECOND)

typedef struct {
    int slot; /* -1: the byte budget */
} armed_state;

static const storage_fault *row_of(const fault *f)
{
    const storage_fault *row = NULL;
    for (size_t i = 0; i < STORAGE_FAULTS && row == NULL; i++)
        if (storage_faults[i]->kind == f->kind)
            row = storage_faults[i];
    CHECK(row != NULL);
    return row;
}

const parameter_value *storage_value(const fault *f, const char *name)
{
    int index = parameter_index(f->kind->parameters, f->kind->parameter_count, name);
    return index < 0 ? NULL : &f->values[index];
}

static bool read_operations(const fault *f, uint64_t *mask, error *e)
{
    const parameter_value *value = storage_value(f, "operations");
    return value == NULL || storage_operations_parse(value->text, mask, e);
}

bool storage_check(const fault *f, error *e)
{
    uint64_t mask;
    const parameter_value *path = storage_value(f, "path");
    if (path != NULL && path->text[0] != '\0' && path->text[0] != '/' && path->text[0] != '*')
        return error_set(e, ERROR_USAGE, "",
                         "path '%s' must begin with / (the data directory) or *", path->text);
    if (path != NULL && strlen(path->text) >= sizeof((storage_rule *)0)->pattern)
        return error_set(e, ERROR_USAGE, "", "path is longer than %zu characters",
                         sizeof((storage_rule *)0)->pattern - 1);
    return read_operations(f, &mask, e);
}

static uint64_t number_of(const fault *f, const char *name, uint64_t fallback)
{
    const parameter_value *value = storage_value(f, name);
    return value == NULL ? fallback : value->number;
}

static bool make_rule(const fault *f, const storage_fault *row, storage_rule *rule, error *e)
{
    const parameter_value *path = storage_value(f, "path");
    const parameter_value *probability = storage_value(f, "probability");
    *rule = (storage_rule){.operations = row->operations,
                           .skip = number_of(f, "after", 0),
                           .count = number_of(f, "count", 0),
                           .probability = probability == NULL ? 1 : probability->real,
                           .seed = f->seed,
                           .action = row->action,
                           .error_number = row->error_number};
    snprintf(rule->pattern, sizeof rule->pattern, "%s", path == NULL ? "" : path->text);
    if (row->shape != NULL)
        row->shape(f, rule);
    return read_operations(f, &rule->operations, e);
}

bool storage_arm(fault *f, const fault_site *site, pid_t victim, error *e)
{
    const storage_fault *row = row_of(f);
    storage_rule rule;
    CHECK(site->storage != NULL);
    if (!storage_mount_alive(site->storage, e) || !make_rule(f, row, &rule, e))
        return false;
    rule.pid = victim;
    int slot = -1;
    if (row->limits) {
        if (!storage_mount_limit(site->storage, number_of(f, "free", 0), row->error_number, e))
            return false;
    } else if ((slot = storage_mount_arm(site->storage, &rule, e)) < 0) {
        return false;
    }
    armed_state *state = memory_zeroed(1, sizeof *state);
    state->slot = slot;
    f->state = state;
    return true;
}

bool storage_begin(fault *f, const fault_site *site, error *e)
{
    return storage_arm(f, site, 0, e);
}

bool storage_end(fault *f, const fault_site *site, error *e)
{
    armed_state *state = f->state;
    bool healed = state->slot < 0 ? storage_mount_unlimit(site->storage, e)
                                  : storage_mount_disarm(site->storage, state->slot, e);
    free(state);
    f->state = NULL;
    return healed;
}

uint64_t storage_hits(const fault *f, const fault_site *site)
{
    const armed_state *state = f->state;
    if (state == NULL)
        return 0;
    return state->slot < 0 ? storage_mount_refused(site->storage)
                           : storage_mount_fired(site->storage, state->slot);
}

/* Arms for the probe's directory alone, lets the program run, heals. */
static bool run_hurt(const fault *f, const storage_fault *row, storage_mount *m, probe *p, error *e)
{
    storage_rule rule;
    int slot = -1;
    if (!make_rule(f, row, &rule, e))
        return false;
    memcpy(rule.pattern, p->pattern, sizeof rule.pattern);
    rule.operations = row->operations;
    rule.skip = 0;
    rule.probability = 1;
    rule.pid = p->child;
    if (rule.action == STORAGE_DELAY)
        rule.argument = PROBE_DELAY;
    if (row->limits ? !storage_mount_limit(m, 0, row->error_number, e)
                    : (slot = storage_mount_arm(m, &rule, e)) < 0)
        return false;
    probe_run(p);
    bool healed = row->limits ? storage_mount_unlimit(m, e) : storage_mount_disarm(m, slot, e);
    if (healed && storage_mount_crashed(m))
        healed = storage_mount_reopen(m, e);
    return healed && probe_finish(p, e);
}

static bool run_healed(storage_mount *m, probe *p, error *e)
{
    if (!probe_prepare(p, m, e))
        return false;
    probe_run(p);
    return probe_finish(p, e);
}

bool storage_probe(fault *f, const fault_site *site, error *e)
{
    char place[64];
    snprintf(place, sizeof place, "fault %s", f->kind->name);
    if (site->storage == NULL)
        return error_set(e, ERROR_UNABLE, place,
                         "needs chaosfs under the data directory: a target that ordeal starts, "
                         "/dev/fuse and root");
    const storage_fault *row = row_of(f);
    probe hurt;
    probe healed = {0};
    bool done = probe_prepare(&hurt, site->storage, e) &&
                run_hurt(f, row, site->storage, &hurt, e) && run_healed(site->storage, &healed, e);
    if (done && !row->felt(hurt.sight))
        done = error_set(e, ERROR_INTERNAL, place, "the probe in the mount did not feel it");
    if (done && !probe_clean(healed.sight))
        done = error_set(e, ERROR_INTERNAL, place, "the probe still felt it after the end");
    probe_release(&hurt);
    probe_release(&healed);
    return done;
}
