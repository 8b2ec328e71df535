/* The clock that a scenario's target is started with, where the scenario or one of its faults asks
 * for one. */
#ifndef ORDEAL_RUN_TARGET_CLOCK_H
#define ORDEAL_RUN_TARGET_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "chaos/clock/clock.h"
#include "plan/scenario.h"

/* *out stays NULL when nothing needs a clock, and when only faults do and this machine cannot: they
 * are then skipped out loud by their own probes. A scenario whose own clock cannot be had is an
 * error. */
bool target_clock_open(const scenario *s, const char *directory, clock_control **out, error *e);
/* False when the clock does not reach the target's program: what it was to show would be no more
 * than a run with the real time. `c` may be NULL. */
bool target_clock_reaches(const clock_control *c, pid_t program, error *e);
/* One sentence for the reports. */
void target_clock_tell(const clock_control *c, const scenario *s, char *text, size_t size);

#endif
