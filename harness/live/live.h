/* What a person or a machine sees of a run while it goes on.
 *
 * On a terminal one calm screen, redrawn in place twice a second; elsewhere a plain line every 5 s;
 * nothing when quiet. With a metrics port the same state is served as Prometheus text, with a page
 * to a browser. The screen changes no mode of the terminal, so that there is nothing to restore
 * however the run ends.
 *
 * The runner fills a live_state when live_due says so; live keeps a copy. */
#ifndef ORDEAL_LIVE_LIVE_H
#define ORDEAL_LIVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/counters.h"

#define LIVE_INVARIANTS_MOST 32

typedef struct {
    const char *name; /* outlives the run */
    bool watched;    /* can be seen broken before the end; the others are judged from the history */
    uint64_t broken; /* times seen so far */
} live_invariant;

typedef struct {
    char scenario[64];
    uint64_t seed;
    const char *phase; /* "load", "quiet", "final": a constant */
    bool timed;        /* elapsed and length are nanoseconds, else names */
    uint64_t elapsed;
    uint64_t length;
    counters_snapshot counted;
    uint64_t at;               /* nanoseconds since the run's history began */
    uint64_t target_resident;  /* 0: not ours to see; likewise below */
    uint64_t target_processor; /* microseconds so far */
    uint64_t target_disk;      /* bytes in its data directory */
    uint32_t target_threads;
    uint32_t target_descriptors;
    uint32_t target_temporary; /* files */
    uint64_t own_resident;
    char faults[128]; /* those active now, ", " between */
    live_invariant invariants[LIVE_INVARIANTS_MOST];
    size_t invariant_count;
} live_state;

typedef struct {
    bool quiet;
    bool metrics;          /* serve them */
    uint16_t metrics_port; /* 0: any free one; it is printed */
    const char *web_page;  /* served with the states of the run; NULL: no page */
    uint16_t web_port;     /* as metrics_port */
} live_options;

typedef struct live live;

/* NULL with ERROR_USAGE when the port is taken. */
live *live_begin(const live_options *options, error *e);
/* The last state is old enough for a new one to be wanted. */
bool live_due(const live *l);
void live_update(live *l, const live_state *state);
/* Takes the screen away, so that what is printed next stands where it stood. */
void live_end(live *l);

#endif
