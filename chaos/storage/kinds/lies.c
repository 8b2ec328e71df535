/* Disks that lie: bit-rot, misdirected-write, lost-write, torn-write; and the honest short-write.
 * After a lie the kernel's pages of the file are dropped, so that the next read shows the disk. */
#include "chaos/storage/storage_fault.h"

static const parameter rows[] = {
    STORAGE_PATH,
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
};

static void shape_rot(const fault *f, storage_rule *rule)
{
    rule->argument = f->seed;
}

static bool feels_rot(const probe_sight *sight)
{
    return !sight->old_right && sight->errors[STORAGE_READ] == 0;
}

const fault_kind fault_bit_rot =
    STORAGE_KIND("bit-rot", rows, "reads succeed with one wrong bit in each 4 KiB");
const storage_fault storage_bit_rot = {.kind = &fault_bit_rot,
                                       .operations = STORAGE_BIT(STORAGE_READ),
                                       .action = STORAGE_BIT_FLIP,
                                       .shape = shape_rot,
                                       .felt = feels_rot};

/* The write said it was whole; the disk says otherwise. */
static bool feels_lie(const probe_sight *sight)
{
    return sight->written == PROBE_BYTES && sight->errors[STORAGE_FSYNC] == 0 && !sight->new_right;
}

static const parameter misdirected_rows[] = {
    STORAGE_PATH,
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
    {.name = "distance",
     .type = PARAMETER_SIZE,
     .fallback = "4KiB",
     .description = "how far behind its place the write lands"},
};

static void shape_misdirected(const fault *f, storage_rule *rule)
{
    rule->argument = storage_value(f, "distance")->number;
}

const fault_kind fault_misdirected_write = STORAGE_KIND(
    "misdirected-write", misdirected_rows, "writes succeed and land `distance` further on");
const storage_fault storage_misdirected_write = {.kind = &fault_misdirected_write,
                                                 .operations = STORAGE_BIT(STORAGE_WRITE),
                                                 .action = STORAGE_MISDIRECTED,
                                                 .shape = shape_misdirected,
                                                 .felt = feels_lie};

const fault_kind fault_lost_write =
    STORAGE_KIND("lost-write", rows, "writes succeed and change nothing");
const storage_fault storage_lost_write = {.kind = &fault_lost_write,
                                          .operations = STORAGE_BIT(STORAGE_WRITE),
                                          .action = STORAGE_LOST_WRITE,
                                          .felt = feels_lie};

static const char *const sectors[] = {"512", "4096", NULL};
static const parameter torn_rows[] = {
    STORAGE_PATH,
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
    {.name = "sector",
     .type = PARAMETER_WORD,
     .fallback = "4096",
     .description = "bytes that are written whole or not at all",
     .words = sectors},
};

static void shape_torn(const fault *f, storage_rule *rule)
{
    rule->argument = storage_value(f, "sector")->number == 0 ? 512 : 4096;
}

const fault_kind fault_torn_write =
    STORAGE_KIND("torn-write", torn_rows, "writes succeed and only some sectors change");
const storage_fault storage_torn_write = {.kind = &fault_torn_write,
                                          .operations = STORAGE_BIT(STORAGE_WRITE),
                                          .action = STORAGE_TORN_WRITE,
                                          .shape = shape_torn,
                                          .felt = feels_lie};

static bool feels_short(const probe_sight *sight)
{
    return sight->written > 0 && sight->written < PROBE_BYTES;
}

const fault_kind fault_short_write =
    STORAGE_KIND("short-write", rows, "writes take a part and say so; the rest is the caller's");
const storage_fault storage_short_write = {.kind = &fault_short_write,
                                           .operations = STORAGE_BIT(STORAGE_WRITE),
                                           .action = STORAGE_SHORT_WRITE,
                                           .felt = feels_short};
