/* What the harness tells a running chaosfs, and reads from it, through the control file. */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "chaos/storage/log_format.h"
#include "chaos/storage/mount_state.h"

#define DROP_SECONDS  10
#define FLUSH_SECONDS 10

static const char needs_the_mount[] =
    "this fault needs chaosfs (/dev/fuse and root); watching system calls can only refuse and "
    "delay them, or kill before one";

const char *storage_mount_point(const storage_mount *m)
{
    return m->point;
}

const char *storage_mount_backing(const storage_mount *m)
{
    return m->backing;
}

const char *const *storage_mount_prefix(const storage_mount *m)
{
    return m->watch == NULL ? NULL : watch_prefix(m->watch);
}

bool storage_mount_join(const storage_mount *m)
{
    return m->watch == NULL || watch_enter(watch_door(m->watch));
}

bool storage_mount_alive(const storage_mount *m, error *e)
{
    if (m->watch != NULL)
        return true;
    if (m->daemon <= 0 || kill(m->daemon, 0) != 0)
        return error_set(e, ERROR_INTERNAL, m->point, "chaosfs is not running any more");
    if (!mount_serves(m))
        return error_set(e, ERROR_INTERNAL, m->point, "is not mounted any more");
    return mount_log_sound(m, e);
}

/* Also the wait: an armed rule that a cached answer could still hide is not armed. */
static bool drop_caches(storage_mount *m, error *e)
{
    if (m->watch != NULL)
        return true; /* every call asks, whatever the kernel holds */
    uint32_t epoch = atomic_fetch_add(&m->control->epoch, 1) + 1;
    syscall(SYS_futex, &m->control->epoch, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    uint64_t deadline = timing_now() + DROP_SECONDS * NANOSECONDS_PER_SECOND;
    uint32_t done;
    while ((done = atomic_load(&m->control->epoch_done)) != epoch) {
        if (!storage_mount_alive(m, e))
            return false;
        if (timing_now() > deadline)
            return error_set(e, ERROR_IO, m->point,
                             "the kernel's caches could not be dropped within %d s", DROP_SECONDS);
        struct timespec look = {.tv_nsec = 50000000L};
        syscall(SYS_futex, &m->control->epoch_done, FUTEX_WAIT, done, &look, NULL, 0);
    }
    return true;
}

/* Calls can be refused and delayed, nothing else. */
static bool can(const storage_mount *m, storage_action action, error *e)
{
    return m->watch == NULL || action == STORAGE_ERROR || action == STORAGE_DELAY ||
           action == STORAGE_STALL || action == STORAGE_KILL_BEFORE ||
           error_set(e, ERROR_UNABLE, m->point, "%s", needs_the_mount);
}

int storage_mount_arm(storage_mount *m, const storage_rule *rule, error *e)
{
    CHECK(rule->operations != 0 && rule->action < STORAGE_ACTIONS);
    uint32_t armed = atomic_load(&m->control->armed);
    int slot = 0;
    if (!can(m, rule->action, e))
        return -1;
    while (slot < STORAGE_RULES && (armed >> slot & 1) != 0)
        slot++;
    if (slot == STORAGE_RULES) {
        error_set(e, ERROR_LIMIT, m->point, "at most %d storage rules can be armed at once",
                  STORAGE_RULES);
        return -1;
    }
    storage_slot *s = &m->control->slots[slot];
    memset(s, 0, sizeof *s);
    s->rule = *rule;
    /* Dropping waits for operations under way. Were they stalled already, it would wait for ever,
     * so a stall comes last; what is cached again in between does not ask the disk. */
    if (rule->action == STORAGE_STALL && !drop_caches(m, e))
        return -1;
    atomic_fetch_or(&m->control->armed, UINT32_C(1) << slot);
    if (rule->action == STORAGE_STALL || drop_caches(m, e))
        return slot;
    atomic_fetch_and(&m->control->armed, ~(UINT32_C(1) << slot));
    return -1;
}

void storage_mount_victim(storage_mount *m, int slot, pid_t pid)
{
    CHECK(slot >= 0 && slot < STORAGE_RULES && pid > 0);
    atomic_store(&m->control->slots[slot].victim, pid);
    if (storage_mount_crashed(m) && storage_mount_fired(m, slot) > 0)
        kill(pid, SIGKILL);
}

bool storage_mount_disarm(storage_mount *m, int slot, error *e)
{
    CHECK(slot >= 0 && slot < STORAGE_RULES);
    storage_action action = m->control->slots[slot].rule.action;
    atomic_fetch_and(&m->control->armed, ~(UINT32_C(1) << slot));
    /* What only came late is right, and dropping it would queue behind all that waited: tens of
     * thousands of names take longer than a fault may. */
    if (action == STORAGE_STALL || action == STORAGE_DELAY)
        return true;
    return drop_caches(m, e);
}

uint64_t storage_mount_seen(const storage_mount *m, int slot)
{
    return atomic_load(&m->control->slots[slot].seen);
}

uint64_t storage_mount_fired(const storage_mount *m, int slot)
{
    return atomic_load(&m->control->slots[slot].fired);
}

uint64_t storage_mount_seen_by(const storage_mount *m, int slot, storage_operation operation)
{
    return atomic_load(&m->control->slots[slot].seen_by[operation]);
}

uint64_t storage_mount_fired_by(const storage_mount *m, int slot, storage_operation operation)
{
    return atomic_load(&m->control->slots[slot].fired_by[operation]);
}

bool storage_mount_limit(storage_mount *m, uint64_t bytes, int error_number, error *e)
{
    CHECK(bytes <= INT64_MAX);
    if (m->watch != NULL)
        return error_set(e, ERROR_UNABLE, m->point, "%s", needs_the_mount);
    atomic_store(&m->control->budget, (int64_t)bytes);
    atomic_store(&m->control->budget_error, error_number);
    atomic_store(&m->control->budget_refused, 0);
    atomic_fetch_or(&m->control->armed, STORAGE_ARMED_BUDGET);
    return drop_caches(m, e);
}

bool storage_mount_unlimit(storage_mount *m, error *e)
{
    atomic_fetch_and(&m->control->armed, ~STORAGE_ARMED_BUDGET);
    return drop_caches(m, e);
}

uint64_t storage_mount_refused(const storage_mount *m)
{
    return atomic_load(&m->control->budget_refused);
}

uint64_t storage_mount_full(const storage_mount *m)
{
    return atomic_load(&m->control->backing_full);
}

bool storage_mount_crashed(const storage_mount *m)
{
    return (atomic_load(&m->control->armed) & STORAGE_ARMED_CRASHED) != 0;
}

void storage_mount_shut(storage_mount *m)
{
    atomic_fetch_or(&m->control->armed, STORAGE_ARMED_CRASHED);
}

bool storage_mount_reopen(storage_mount *m, error *e)
{
    atomic_fetch_and(&m->control->armed, ~STORAGE_ARMED_CRASHED);
    return drop_caches(m, e);
}

uint64_t storage_mount_sequence(const storage_mount *m)
{
    return atomic_load(&m->control->sequence);
}

bool storage_mount_flush_log(storage_mount *m, error *e)
{
    uint64_t wanted = storage_mount_sequence(m);
    uint64_t deadline = timing_now() + FLUSH_SECONDS * NANOSECONDS_PER_SECOND;
    if (m->log[0] == '\0')
        return error_set(e, ERROR_USAGE, m->point, "was mounted without an operation log");
    while (atomic_load(&m->control->logged) < wanted) {
        if (!storage_mount_alive(m, e))
            return false;
        if (timing_now() > deadline)
            return error_set(e, ERROR_IO, m->log, "was not written out within %d s", FLUSH_SECONDS);
        timing_sleep(MOUNT_POLL);
    }
    return true;
}

bool storage_mount_replacing(storage_mount *m, error *e)
{
    atomic_fetch_or(&m->control->armed, STORAGE_ARMED_REPLACING);
    atomic_store(&m->control->mark, LOG_REPLACING);
    return drop_caches(m, e);
}

bool storage_mount_settle(storage_mount *m, error *e)
{
    atomic_fetch_and(&m->control->armed, ~STORAGE_ARMED_REPLACING);
    atomic_store(&m->control->mark, LOG_SETTLED);
    return drop_caches(m, e);
}

const atomic_uint_fast64_t *storage_mount_position(const storage_mount *m)
{
    return &m->control->sequence;
}

const char *storage_mount_log(const storage_mount *m)
{
    return m->log[0] == '\0' ? NULL : m->log;
}

const char *storage_mount_snapshot(const storage_mount *m)
{
    return m->snapshot[0] == '\0' ? NULL : m->snapshot;
}
