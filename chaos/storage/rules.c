#include "chaos/storage/rules.h"

#include <fnmatch.h>
#include <stddef.h>

#include "base/random.h"
#include "base/timing.h"

#define PATH_MOST 4096

typedef struct {
    storage_path_writer *writer;
    const void *subjects[2];
    bool written[2];
    char paths[2][PATH_MOST];
} subject_paths;

static bool path_matches(const char *pattern, subject_paths *paths)
{
    if (pattern[0] == '\0')
        return true;
    for (int i = 0; i < 2 && paths->subjects[i] != NULL; i++) {
        if (!paths->written[i]) {
            paths->writer(paths->subjects[i], paths->paths[i], PATH_MOST);
            paths->written[i] = true;
        }
        if (fnmatch(pattern, paths->paths[i], FNM_LEADING_DIR) == 0)
            return true;
    }
    return false;
}

static bool drawn(const storage_rule *rule, uint64_t number)
{
    if (rule->probability >= 1)
        return true;
    double unit = (double)(random_mix(rule->seed ^ random_mix(number)) >> 11) * 0x1p-53;
    return unit < rule->probability;
}

/* Counts the operation and says whether the rule fires on it. Each matching operation takes one
 * number, so "exactly the Nth" holds with any number of threads. */
static bool slot_fires(storage_slot *slot, storage_operation operation, uint64_t *number)
{
    const storage_rule *rule = &slot->rule;
    *number = atomic_fetch_add(&slot->seen, 1);
    atomic_fetch_add(&slot->seen_by[operation], 1);
    if (*number < rule->skip || !drawn(rule, *number))
        return false;
    uint64_t before = atomic_fetch_add(&slot->fired, 1);
    if (rule->count != 0 && before >= rule->count) {
        atomic_fetch_sub(&slot->fired, 1);
        return false;
    }
    atomic_fetch_add(&slot->fired_by[operation], 1);
    return true;
}

/* Polls, because the harness may also die and the mount be aborted while we wait. */
static void stall(storage_control *control, uint32_t bit)
{
    while ((atomic_load(&control->armed) & bit) != 0 &&
           (atomic_load(&control->armed) & STORAGE_ARMED_CRASHED) == 0)
        timing_sleep(5 * NANOSECONDS_PER_MILLISECOND);
}

storage_verdict storage_decide(storage_control *control, storage_operation operation,
                               storage_path_writer *writer, const void *subject, const void *second)
{
    storage_verdict verdict = {0};
    subject_paths paths;
    paths.writer = writer;
    paths.subjects[0] = subject;
    paths.subjects[1] = second;
    paths.written[0] = paths.written[1] = false;
    uint32_t armed = atomic_load(&control->armed);
    for (uint32_t i = 0; i < STORAGE_RULES && !verdict.fired; i++) {
        storage_slot *slot = &control->slots[i];
        const storage_rule *rule = &slot->rule;
        uint64_t number;
        if ((armed >> i & 1) == 0 || (rule->operations & STORAGE_BIT(operation)) == 0 ||
            !path_matches(rule->pattern, &paths) || !slot_fires(slot, operation, &number))
            continue;
        if (rule->action == STORAGE_DELAY) {
            timing_sleep(rule->argument);
        } else if (rule->action == STORAGE_STALL) {
            stall(control, UINT32_C(1) << i);
        } else {
            verdict =
                (storage_verdict){.fired = true,
                                  .action = rule->action,
                                  .error_number = rule->error_number,
                                  .argument = rule->argument,
                                  .pid = rule->pid > 0 ? rule->pid : atomic_load(&slot->victim),
                                  .draw = random_mix(rule->seed + random_mix(number))};
        }
    }
    return verdict;
}
