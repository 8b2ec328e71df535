/* A run while it is carried out: what its parts share. The runner owns all of it; nobody outside of
 * run/ includes this. */
#ifndef ORDEAL_RUN_RUNNING_H
#define ORDEAL_RUN_RUNNING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chaos/network/proxy.h"
#include "chaos/process/memory_group.h"
#include "cleanup/marker.h"
#include "client/client.h"
#include "live/live.h"
#include "run/abort_watch.h"
#include "run/disks.h"
#include "run/nemesis.h"
#include "run/resources.h"
#include "run/runner.h"
#include "run/target_clock.h"
#include "target/supervisor.h"

#define RUN_TICK (50 * NANOSECONDS_PER_MILLISECOND)

typedef struct {
    const plan *plan;
    const scenario *scenario;
    const run_options *options;
    char directory[512];
    disks disks;
    char log[560];
    char base_url[512];
    char **environment;
    marker *marker;
    network_proxy *network; /* likewise */
    clock_control *clock;   /* likewise */
    const char *prefix[8];  /* what goes before the target's command */
    memory_group *memory;   /* likewise */
    uint64_t memory_kills;  /* as of the target's last exit */
    supervisor_options target;
    supervisor *supervisor;
    resources *resources;
    history_writer *history;
    unsigned main_slot;   /* of this thread */
    unsigned keeper_slot; /* of the supervisor's thread */
    unsigned fault_slot;
    uint32_t errand_client;
    stage stage;
    fault_site site;
    live *live;
    abort_watch *watch; /* NULL: no threshold ends the run */
    atomic_uint unplanned_exits;
} running;

/* What the harness itself has to say, in the history. */
void running_event(running *r, event_type type, uint64_t value, const char *text);
void running_event_at(running *r, unsigned slot, event_type type, uint64_t value, bool planned,
                      const char *text);
/* 0: there is none, or it is not known. */
pid_t running_target_pid(const running *r);
/* As often as resources are to be looked at. */
void running_sample(running *r);
void running_show(running *r, nemesis *n, const char *phase, bool timed, uint64_t elapsed,
                  uint64_t length);

#endif
