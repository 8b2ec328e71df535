/* Chaos tiers: what a target goes through besides being asked. Each tier is a scenario that needs
 * nothing but files, one row in tiers.c, and is run as `ordeal run` would. */
#ifndef ORDEAL_QUALIFY_TIERS_H
#define ORDEAL_QUALIFY_TIERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    const char *name;     /* "kill" */
    const char *scenario; /* "tiers/kill" */
    const char *about;    /* for people: what holds when it passes */
    unsigned needs;       /* of driver_capability, and TIER_DELETES */
} tier;

/* Files and uploads can be taken back: all protocols have that, but in tus it is an extension. */
#define TIER_DELETES (1u << 31)

extern const tier tiers[];
extern const size_t tier_count;

typedef struct {
    const tier *what;
    bool applicable;
    char verdict[16];    /* of the run; "" when it could not be run */
    char sentence[400];  /* the first invariant that does not hold, or why there is no verdict, or
                            what the target lacks */
    char directory[512]; /* of the run: its evidence */
} tier_result;

/* Runs one against `target` (a target file or its name); its run goes below `folder`. False only
 * when nothing could be started. */
bool tier_run(const tier *t, const char *target, unsigned capabilities, const char *folder,
              tier_result *out, error *e);

#endif
