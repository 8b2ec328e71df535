/* slow-disk and stalled-disk: operations that take their time, or all of it. */
#include "base/timing.h"
#include "chaos/storage/storage_fault.h"

#define DATA (STORAGE_SYNCING | STORAGE_BIT(STORAGE_READ) | STORAGE_BIT(STORAGE_WRITE))

static const parameter slow_rows[] = {
    STORAGE_PATH,
    STORAGE_OPERATIONS_ROW("read,write,sync"),
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
    {.name = "delay",
     .type = PARAMETER_DURATION,
     .fallback = "100ms",
     .description = "how much longer each operation takes"},
};

static void shape_slow(const fault *f, storage_rule *rule)
{
    rule->argument = storage_value(f, "delay")->number;
}

/* The probe makes at least five of these operations, each 20 ms longer. */
static bool feels_slow(const probe_sight *sight)
{
    return sight->nanoseconds >= 50 * NANOSECONDS_PER_MILLISECOND;
}

const fault_kind fault_slow_disk =
    STORAGE_KIND("slow-disk", slow_rows, "each operation takes longer by `delay`");
const storage_fault storage_slow_disk = {.kind = &fault_slow_disk,
                                         .operations = DATA,
                                         .action = STORAGE_DELAY,
                                         .shape = shape_slow,
                                         .felt = feels_slow};

static const parameter stall_rows[] = {
    STORAGE_PATH,        STORAGE_OPERATIONS_ROW("read,write,sync"),
    STORAGE_AFTER,       STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
};

static bool feels_stall(const probe_sight *sight)
{
    return !sight->finished;
}

const fault_kind fault_stalled_disk =
    STORAGE_KIND("stalled-disk", stall_rows, "operations hang until the end, then go on");
const storage_fault storage_stalled_disk = {
    .kind = &fault_stalled_disk, .operations = DATA, .action = STORAGE_STALL, .felt = feels_stall};
