/* The control file: how the harness tells a running chaosfs what to break, and reads what it did.
 *
 * One page-aligned struct, mmapped shared by both. The harness writes rules into free slots and
 * sets their bit in `armed`; the daemon's hot path is one atomic load of `armed`, and when it is
 * zero nothing else here is looked at. A slot's `rule` is written only while its bit is clear;
 * counters are atomics and belong to the daemon while it is set.
 *
 * After a change of `armed` the harness raises `epoch`; the daemon then drops the kernel's caches
 * of names, attributes and pages (else a cached answer would hide the fault) and repeats the number
 * in `epoch_done`. */
#ifndef ORDEAL_CHAOS_STORAGE_RULES_H
#define ORDEAL_CHAOS_STORAGE_RULES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "chaos/storage/operations.h"

#define STORAGE_RULES         16
#define STORAGE_CONTROL_MAGIC UINT64_C(0x6f726465616c6673) /* "ordealfs" */
#define STORAGE_VERSION       5

/* Bits of `armed` behind those of the rules. */
#define STORAGE_ARMED_BUDGET  (UINT32_C(1) << 16)
#define STORAGE_ARMED_CRASHED (UINT32_C(1) << 17) /* the gate: everything answers EIO */
/* The harness itself is at work, putting another disk under a dead target: no rule and no budget
 * holds, and nothing is counted. */
#define STORAGE_ARMED_REPLACING (UINT32_C(1) << 18)

typedef enum {
    STORAGE_ERROR,       /* answer `error_number`, do nothing */
    STORAGE_DELAY,       /* wait `argument` nanoseconds, then go on to the next rule */
    STORAGE_STALL,       /* wait until the rule is disarmed, then go on */
    STORAGE_SHORT_WRITE, /* write and report a seeded part */
    STORAGE_TORN_WRITE,  /* report all, write a seeded subset of `argument`-byte sectors */
    STORAGE_LOST_WRITE,  /* report all, write nothing */
    STORAGE_MISDIRECTED, /* report all, write `argument` bytes further on */
    STORAGE_BIT_FLIP,    /* one bit of each 4 KiB read is wrong, always the same one */
    STORAGE_KILL_BEFORE, /* shut the gate, SIGKILL `pid`, answer EIO */
    STORAGE_KILL_AFTER,  /* do the operation, then as above */
    STORAGE_ACTIONS,
} storage_action;

typedef struct {
    uint64_t operations; /* STORAGE_BIT each */
    char pattern[256];   /* fnmatch on "/a/b" below the mount, also on what lies beneath a match;
                            empty: every path */
    uint64_t skip;       /* matching operations to let by first */
    uint64_t count;      /* most times to fire; 0: no limit */
    double probability;  /* 1: always; drawn from `seed` and the operation's number */
    uint64_t seed;
    storage_action action;
    int32_t error_number;
    uint64_t argument;
    int32_t pid;
} storage_rule;

typedef struct {
    storage_rule rule;
    _Atomic int32_t victim; /* for a rule without pid: named after it was armed */
    _Atomic uint64_t seen;  /* operations that matched mask and pattern */
    _Atomic uint64_t fired; /* of these, how many were hurt */
    _Atomic uint64_t seen_by[STORAGE_OPERATIONS];
    _Atomic uint64_t fired_by[STORAGE_OPERATIONS];
} storage_slot;

typedef struct {
    uint64_t magic;
    uint64_t version;
    _Atomic int32_t daemon; /* its pid, once it serves */
    _Atomic uint32_t armed;
    _Atomic uint32_t epoch;
    _Atomic uint32_t epoch_done;
    _Atomic uint32_t mark;         /* log_kind to put into the log with the next epoch; 0: none */
    atomic_uint_fast64_t sequence; /* of the last operation that entered the log */
    _Atomic uint64_t logged;       /* of the last one that is in the log file */
    _Atomic int32_t log_error;     /* errno that ended the log, or 0 */
    _Atomic int64_t budget;        /* bytes that may still be added, with STORAGE_ARMED_BUDGET */
    _Atomic int32_t budget_error;  /* ENOSPC or EDQUOT */
    _Atomic uint64_t budget_refused;
    _Atomic uint64_t backing_full; /* operations that the file system below refused with ENOSPC */
    _Atomic uint64_t done_by[STORAGE_OPERATIONS]; /* every operation, counted only while armed */
    storage_slot slots[STORAGE_RULES];
} storage_control;

/* What is to happen to one operation once its delays are over. */
typedef struct {
    bool fired;
    storage_action action;
    int32_t error_number;
    uint64_t argument;
    int32_t pid;
    uint64_t draw; /* seeded, for the parts and places that an action chooses */
} storage_verdict;

/* Writes the path of what the operation is about, "/a/b"; called at most once per operation. */
typedef void storage_path_writer(const void *subject, char *path, unsigned long size);

/* Asks every armed rule; delays and stalls are served in here. `second` may be NULL; a rule matches
 * when either path does (rename). */
storage_verdict storage_decide(storage_control *control, storage_operation operation,
                               storage_path_writer *writer, const void *subject,
                               const void *second);

#endif
