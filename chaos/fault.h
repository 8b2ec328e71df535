/* What a fault is: one kind = one file that ends in one `const fault_kind`, and one row in
 * faults.c.
 *
 * The harness owns every `fault`; a kind keeps what it needs between begin and end in
 * `fault.state`, which it allocates in begin and releases in end. All calls on one fault come from
 * one thread (the harness's fault thread), never two at once; faults of different kinds may be
 * active together. Nothing in chaos/ knows the harness: what a kind may touch is handed to it as a
 * fault_site. */
#ifndef ORDEAL_CHAOS_FAULT_H
#define ORDEAL_CHAOS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/parameters.h"

/* What must be in place around the target before it starts. */
typedef enum {
    FAULT_NEEDS_STORAGE = 1 << 0, /* chaosfs under the data directory */
    FAULT_NEEDS_NETWORK = 1 << 1, /* clients go through the proxy */
    FAULT_NEEDS_CLOCK = 1 << 2,   /* the target is launched with a settable clock */
    FAULT_NEEDS_PROCESS = 1 << 3, /* the target is our child: signals, limits, restart */
    FAULT_NEEDS_LOG = 1 << 4,     /* chaosfs logs operations for power loss */
    FAULT_NEEDS_TMPFS = 1 << 5,   /* the data directory is on a size-limited tmpfs */
    FAULT_NEEDS_MEMORY = 1 << 7, /* the target is launched in a memory cgroup, where there is one */
    FAULT_NEEDS_WAITS = 1 << 6,  /* with the clock: its waits are followed from the launch on */
} fault_need;

typedef struct storage_mount storage_mount; /* chaos/storage/mount.h */
typedef struct network_proxy network_proxy; /* chaos/network/proxy.h */
typedef struct clock_control clock_control; /* chaos/clock/clock.h */
typedef struct memory_group memory_group;   /* chaos/process/memory_group.h */

/* The harness's target supervisor as a kind may use it. A kind that kills says expect_exit first,
 * so that process-hygiene can tell a planned death from an unexplained one. */
typedef struct {
    void *owner;
    pid_t (*pid)(void *owner);           /* 0 while the target is down */
    void (*expect_exit)(void *owner);    /* the next exit is planned */
    void (*expect_no_exit)(void *owner); /* it is not, after all */
    bool (*wait_exit)(void *owner, uint64_t nanoseconds, error *e);
    bool (*start)(void *owner, error *e); /* start again and wait until ready */
    /* From now on an exit is planned if `struck` says so at that moment, asked from another thread;
     * NULL: no longer. For a kind that kills later, at a moment of its own. */
    void (*expect_exit_if)(void *owner, bool (*struck)(void *with), void *with);
} process_control;

typedef struct {
    const char *data_directory; /* as the target sees it; NULL for a target known by URL only */
    const char *real_disk;      /* chaos/storage/real_disk.h under the data; NULL: none */
    const char *work_directory; /* inside the run's directory, for files that a kind needs */
    storage_mount *storage;     /* NULL unless some fault of the plan needs it; likewise below */
    network_proxy *network;
    clock_control *clock;
    memory_group *memory;
    const process_control *process; /* NULL for a target that we did not start */
} fault_site;

typedef struct fault_kind fault_kind;

typedef struct {
    const fault_kind *kind;
    parameter_value values[PARAMETERS_MOST]; /* in the order of kind->parameters */
    uint64_t seed;                           /* this fault's own stream */
    uint64_t length;                         /* nanoseconds between begin and end, as planned */
    void *state;
} fault;

struct fault_kind {
    const char *name;        /* "disk-full" */
    const char *family;      /* "storage", "network", "clock", "process" */
    const char *description; /* one line for `ordeal list faults` */
    const parameter *parameters;
    size_t parameter_count;
    unsigned needs; /* of fault_need */
    /* What single values cannot say ("least is above most"). NULL: nothing to check. */
    bool (*check)(const fault *f, error *e);
    /* Before any load: shows on a small program or request of its own that the fault takes effect
     * here and is gone again after. ERROR_UNABLE: this machine cannot, and how to enable it;
     * skipped out loud. */
    bool (*probe)(fault *f, const fault_site *site, error *e);
    bool (*begin)(fault *f, const fault_site *site, error *e);
    /* Heals. Called once for every begin that succeeded, also after an interrupt. */
    bool (*end)(fault *f, const fault_site *site, error *e);
    /* How often it bit the target since begin; asked while active and right before end. */
    uint64_t (*hits)(const fault *f, const fault_site *site);
    /* What is worth a sentence in the record of its end; asked right before end. NULL: nothing. */
    void (*tell)(const fault *f, const fault_site *site, char *text, size_t size);
};

/* faults.c: the one table. */
extern const fault_kind *const fault_kinds[];
extern const size_t fault_kind_count;
const fault_kind *fault_kind_named(const char *name);

#endif
