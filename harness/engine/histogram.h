/* Counts durations in a fixed log-linear table: 128 steps per octave, error at most 0.4 %, 37 KiB
 * whatever the number of records; merging is addition. */
#ifndef ORDEAL_ENGINE_HISTOGRAM_H
#define ORDEAL_ENGINE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 128
#define HISTOGRAM_BUCKETS                                                                          \
    (36 * HISTOGRAM_STEPS) /* up to 2^42 ns, 73 minutes; longer counts as the last */

typedef struct {
    uint64_t count;
    uint64_t sum;
    uint64_t most;
    uint64_t buckets[HISTOGRAM_BUCKETS];
} histogram;

void histogram_record(histogram *h, uint64_t nanoseconds);
void histogram_merge(histogram *into, const histogram *from);
/* The least duration that at least `percent` of the records do not exceed; 0 when there are none.
 */
uint64_t histogram_percentile(const histogram *h, double percent);
double histogram_mean(const histogram *h);

#endif
