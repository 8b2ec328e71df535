#include "engine/histogram.h"

#include <math.h>

#include "base/check.h"

#define STEP_BITS 7

static unsigned bucket_of(uint64_t value)
{
    if (value < HISTOGRAM_STEPS)
        return (unsigned)value;
    unsigned octave = 63 - (unsigned)__builtin_clzll(value) - STEP_BITS;
    unsigned bucket =
        (octave + 1) * HISTOGRAM_STEPS + (unsigned)(value >> octave) - HISTOGRAM_STEPS;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The middle of what the bucket holds. */
static uint64_t value_of_bucket(unsigned bucket)
{
    if (bucket < HISTOGRAM_STEPS)
        return bucket;
    unsigned octave = bucket / HISTOGRAM_STEPS - 1;
    uint64_t least = (uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS) << octave;
    return least + (((uint64_t)1 << octave) >> 1);
}

void histogram_record(histogram *h, uint64_t nanoseconds)
{
    h->buckets[bucket_of(nanoseconds)]++;
    h->count++;
    h->sum += nanoseconds;
    if (nanoseconds > h->most)
        h->most = nanoseconds;
}

void histogram_merge(histogram *into, const histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->most > into->most)
        into->most = from->most;
}

uint64_t histogram_percentile(const histogram *h, double percent)
{
    CHECK(percent > 0 && percent <= 100);
    uint64_t rank = (uint64_t)ceil((double)h->count * percent / 100);
    uint64_t seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && h->count > 0; i++) {
        seen += h->buckets[i];
        if (seen >= rank) {
            uint64_t value = value_of_bucket(i);
            return value < h->most ? value : h->most;
        }
    }
    return h->most;
}

double histogram_mean(const histogram *h)
{
    return h->count > 0 ? (double)h->sum / (double)h->count : 0;
}
