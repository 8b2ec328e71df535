/* The two ways to a program's clock: what is put before its command and into its environment. */
#ifndef ORDEAL_CHAOS_CLOCK_WAYS_H
#define ORDEAL_CHAOS_CLOCK_WAYS_H

#include <limits.h>

#include "chaos/clock/clock.h"

typedef struct {
    char program[PATH_MAX];
    char page[PATH_MAX];
    char library[PATH_MAX];
    char setting[96];
    const char *prefix[3];
    const char *environment[5];
} way_parts;

bool way_prepare(clock_way way, const char *page, const clock_options *options, way_parts *parts,
                 error *e);
/* Shows on a small program that the way, as prepared in `c`, has the effect that it should. */
bool way_works(clock_control *c, error *e);

#endif
