/* Counters of the server, for /metrics. Safe from any thread. */
#ifndef REFERENCE_METRICS_H
#define REFERENCE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buffer.h"
#include "request.h"

#define METRICS_ROUTES_MOST 64
#define METRICS_BUCKETS     14 /* upper bounds 0.25 ms * 2^n; the last has none */
#define METRICS_SIZES       12 /* upper bounds 1 KiB * 4^n; the last has none */

typedef struct metrics {
    atomic_uint_fast64_t requests[METRICS_ROUTES_MOST][600]; /* by route and status */
    atomic_uint_fast64_t latency[METRICS_BUCKETS];
    atomic_uint_fast64_t latency_sum;          /* nanoseconds */
    atomic_uint_fast64_t sizes[METRICS_SIZES]; /* of the files that were made */
    atomic_uint_fast64_t sizes_sum;
    atomic_uint_fast64_t problems[PROBLEM_COUNT];
    atomic_uint_fast64_t in_work;
    atomic_uint_fast64_t abandoned; /* clients that went away */
    atomic_uint_fast64_t bytes_in;
} metrics;

void metrics_count(metrics *m, const request *r, uint64_t nanoseconds);
/* A file of this size was stored. */
void metrics_stored(metrics *m, uint64_t size);
void metrics_write(service *s, buffer *out);

#endif
