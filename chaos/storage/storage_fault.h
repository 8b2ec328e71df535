/* What all storage faults share: a kind only says which rules it arms and what a small program sees
 * of it; arming, healing, counting and the probe are here.
 *
 * A kind's file ends in one `const fault_kind` made with STORAGE_KIND and one `const storage_fault`
 * behind it, found through the table in storage_fault.c. */
#ifndef ORDEAL_CHAOS_STORAGE_FAULT_H
#define ORDEAL_CHAOS_STORAGE_FAULT_H

#include "chaos/fault.h"
#include "chaos/storage/mount.h"
#include "chaos/storage/probe.h"

typedef struct {
    const fault_kind *kind;
    uint64_t operations;   /* that it hurts unless `operations` is given */
    storage_action action; /* every rule of it */
    int error_number;
    /* Sets what depends on the fault's parameters; NULL: nothing. */
    void (*shape)(const fault *f, storage_rule *rule);
    /* Limits the byte budget with `error_number` instead of arming a rule. */
    bool limits;
    /* Whether the probe's program felt it. */
    bool (*felt)(const probe_sight *sight);
} storage_fault;

/* Rows that most kinds take. */
#define STORAGE_PATH                                                                               \
    {                                                                                              \
        .name = "path", .type = PARAMETER_TEXT, .fallback = "",                                    \
        .description = "pattern below the data directory, \"/blobs\" or \"/*.json\"; empty: all"   \
    }
#define STORAGE_OPERATIONS_ROW(names)                                                              \
    {                                                                                              \
        .name = "operations", .type = PARAMETER_TEXT, .fallback = (names),                         \
        .description = "which operations, comma-separated"                                         \
    }
#define STORAGE_AFTER                                                                              \
    {                                                                                              \
        .name = "after", .type = PARAMETER_WHOLE, .fallback = "0",                                 \
        .description = "matching operations to let by first"                                       \
    }
#define STORAGE_COUNT(number)                                                                      \
    {                                                                                              \
        .name = "count", .type = PARAMETER_WHOLE, .fallback = (number),                            \
        .description = "most operations to hurt; 0: no limit"                                      \
    }
#define STORAGE_PROBABILITY                                                                        \
    {                                                                                              \
        .name = "probability", .type = PARAMETER_FRACTION, .fallback = "100%",                     \
        .description = "share of the matching operations"                                          \
    }

/* NULL when the kind has no such parameter. */
const parameter_value *storage_value(const fault *f, const char *name);
bool storage_check(const fault *f, error *e);
bool storage_probe(fault *f, const fault_site *site, error *e);
bool storage_begin(fault *f, const fault_site *site, error *e);
bool storage_end(fault *f, const fault_site *site, error *e);
uint64_t storage_hits(const fault *f, const fault_site *site);

/* With begin and end of its own: kill-at arms through these. */
bool storage_arm(fault *f, const fault_site *site, pid_t victim, error *e);

#define STORAGE_KIND(kind_name, rows, sentence)                                                    \
    {                                                                                              \
        .name = (kind_name), .family = "storage", .description = (sentence), .parameters = (rows), \
        .parameter_count = sizeof(rows) / sizeof((rows)[0]), .needs = FAULT_NEEDS_STORAGE,         \
        .check = storage_check, .probe = storage_probe, .begin = storage_begin,                    \
        .end = storage_end, .hits = storage_hits                                                   \
    }

#endif
