#include "engine/counters.h"

#include "base/check.h"
#include "base/timing.h"

#define MICROSECONDS ((uint64_t)1000)
#define MILLISECONDS NANOSECONDS_PER_MILLISECOND
#define SECONDS      NANOSECONDS_PER_SECOND

const uint64_t counters_edges[COUNTERS_BUCKETS - 1] = {
    200 * MICROSECONDS, 500 * MICROSECONDS, 1 * MILLISECONDS,   2 * MILLISECONDS,
    5 * MILLISECONDS,   10 * MILLISECONDS,  20 * MILLISECONDS,  50 * MILLISECONDS,
    100 * MILLISECONDS, 200 * MILLISECONDS, 500 * MILLISECONDS, 1 * SECONDS,
    2 * SECONDS,        5 * SECONDS,        10 * SECONDS,
};

static void add(atomic_uint_fast64_t *to, uint64_t amount)
{
    atomic_fetch_add_explicit(to, amount, memory_order_relaxed);
}

void counters_record(counters *c, const history_record *operation)
{
    CHECK(operation->failure < COUNTERS_FAILURES);
    uint64_t latency = operation->finish - operation->invoke + operation->late;
    unsigned bucket = 0;
    while (bucket < COUNTERS_BUCKETS - 1 && latency > counters_edges[bucket])
        bucket++;
    add(&c->done, 1);
    add(&c->latency, latency);
    add(&c->buckets[bucket], 1);
    if (operation->outcome == OUTCOME_OK)
        return;
    add(&c->failed, 1);
    add(&c->failures[operation->failure], 1);
}

counters_snapshot counters_read(counters *c)
{
    counters_snapshot s = {
        .done = atomic_load_explicit(&c->done, memory_order_relaxed),
        .failed = atomic_load_explicit(&c->failed, memory_order_relaxed),
        .latency = atomic_load_explicit(&c->latency, memory_order_relaxed),
        .clients = atomic_load_explicit(&c->clients, memory_order_relaxed),
        .dropped = atomic_load_explicit(&c->dropped, memory_order_relaxed),
    };
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        s.failures[i] = atomic_load_explicit(&c->failures[i], memory_order_relaxed);
    for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
        s.buckets[i] = atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
    return s;
}

counters_snapshot counters_since(const counters_snapshot *now, const counters_snapshot *before)
{
    counters_snapshot s = *now;
    s.done -= before->done;
    s.failed -= before->failed;
    s.latency -= before->latency;
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        s.failures[i] -= before->failures[i];
    for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
        s.buckets[i] -= before->buckets[i];
    return s;
}

uint64_t counters_percentile(const counters_snapshot *s, double percent)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
        total += s->buckets[i];
    double wanted = (double)total * percent / 100;
    double below = 0;
    for (unsigned i = 0; i < COUNTERS_BUCKETS; i++) {
        double here = (double)s->buckets[i];
        if (here == 0 || below + here < wanted) {
            below += here;
            continue;
        }
        if (i == COUNTERS_BUCKETS - 1)
            return counters_edges[i - 1];
        double from = i > 0 ? (double)counters_edges[i - 1] : 0;
        double width = (double)counters_edges[i] - from;
        return (uint64_t)(from + width * (wanted - below) / here);
    }
    return 0;
}
