/* What has happened so far, in a fixed number of counters that any thread may add to and any may
 * read: for the live view and the metrics of a running test. The history is the truth.
 *
 * Latency is counted from the intended start of each operation. */
#ifndef ORDEAL_ENGINE_COUNTERS_H
#define ORDEAL_ENGINE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "history/record.h"

#define COUNTERS_FAILURES (FAILURE_INTERRUPTED + 1)
#define COUNTERS_BUCKETS  16

typedef struct {
    atomic_uint_fast64_t done;
    atomic_uint_fast64_t failed; /* whose outcome is not ok */
    atomic_uint_fast64_t latency;
    atomic_uint_fast64_t failures[COUNTERS_FAILURES];
    atomic_uint_fast64_t buckets[COUNTERS_BUCKETS];
    atomic_uint_fast64_t clients; /* at work now */
    atomic_uint_fast64_t dropped; /* arrivals that were due and not made */
} counters;

typedef struct {
    uint64_t done;
    uint64_t failed;
    uint64_t latency; /* nanoseconds, summed */
    uint64_t failures[COUNTERS_FAILURES];
    uint64_t buckets[COUNTERS_BUCKETS]; /* each alone, not cumulative */
    uint64_t clients;
    uint64_t dropped;
} counters_snapshot;

/* Nanoseconds; an operation counts in the first bucket whose edge it does not exceed, else in the
 * last. */
extern const uint64_t counters_edges[COUNTERS_BUCKETS - 1];

void counters_record(counters *c, const history_record *operation);
counters_snapshot counters_read(counters *c);
/* What was added since `before`; `clients` and `dropped` as in `now`. */
counters_snapshot counters_since(const counters_snapshot *now, const counters_snapshot *before);
/* Within the bucket that holds it, as if its operations were spread evenly; 0 when there are none.
 */
uint64_t counters_percentile(const counters_snapshot *s, double percent);

#endif
