/* A small program under the clock that tells what it sees; for probes and tests.
 *
 * A reading carries the real clocks from before the question and after the answer, so that what it
 * is compared with is an interval, and no tolerance has to be guessed. */
#ifndef ORDEAL_CHAOS_CLOCK_READER_H
#define ORDEAL_CHAOS_CLOCK_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "chaos/clock/clock.h"

typedef struct {
    pid_t pid;
    const clock_control *clock;
    int line;
} clock_reader;

typedef struct {
    int64_t wall; /* all in nanoseconds; these two as the program sees them */
    int64_t monotonic;
    int64_t wall_before;
    int64_t wall_after;
    int64_t monotonic_before;
    int64_t monotonic_after;
} clock_reading;

bool clock_reader_start(const clock_control *c, clock_reader *r, error *e);
/* `sleeps`: it first sleeps 100 ms of its own time. */
bool clock_reader_ask(clock_reader *r, bool sleeps, clock_reading *out, error *e);
void clock_reader_stop(clock_reader *r);

/* The wall clock was off by `by`; at another rate also by what ten seconds of that make. */
bool clock_reading_off_by(const clock_reading *r, int64_t by, double rate);
/* Between the two the monotonic clock ran `rate` times as fast as ours. */
bool clock_reading_ran(const clock_reading *first, const clock_reading *second, double rate);

#endif
