/* How often a client may ask: a token bucket each, kept as the one time at which it is full again.
 *
 * A bucket that is full again is as good as none and its place is free, so nothing is swept.
 * Memory is fixed: RATE_BUCKETS places; a client that finds its places taken by others has the one
 * that is full soonest, which errs in the clients' favour. Safe from any thread. */
#ifndef REFERENCE_RATE_H
#define REFERENCE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_BUCKETS ((uint64_t)32768)

typedef struct rate_limit rate_limit;

/* `each_second` tokens flow in, up to `burst`; both at least 1. */
rate_limit *rate_open(uint64_t each_second, uint64_t burst);
void rate_close(rate_limit *l);
/* Takes a token at time `now` (nanoseconds, monotonic). False: `*wait` seconds until there is one.
 */
bool rate_take(rate_limit *l, uint64_t client, uint64_t now, uint64_t *wait);
/* Buckets that are not full at `now`. */
uint64_t rate_count(rate_limit *l, uint64_t now);

#endif
