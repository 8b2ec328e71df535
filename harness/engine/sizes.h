/* How big files are: "4096", "1KiB..64KiB" (uniform), "ladder" (0, 1, and one below, at and above
 * each boundary), "production" (log-normal body around 32 KiB, a heavy tail to 64 MiB, and a
 * twentieth ladder), "quantiles 0 1KiB 4KiB 1MiB" (as many files between each two as between any
 * others: recorded sizes). */
#ifndef ORDEAL_ENGINE_SIZES_H
#define ORDEAL_ENGINE_SIZES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

#define QUANTILES_MOST 33

typedef enum { SIZES_UNIFORM, SIZES_LADDER, SIZES_PRODUCTION, SIZES_QUANTILES } size_form;

typedef struct {
    size_form form;
    uint64_t least;
    uint64_t most; /* no draw is above this, whatever the form */
    uint64_t quantiles[QUANTILES_MOST];
    uint32_t quantile_count;
} size_mixture;

/* False for what is none of these, or above SIZES_MOST. */
#define SIZES_MOST ((uint64_t)16 << 30)
bool sizes_parse(const char *text, size_mixture *out);
uint64_t sizes_draw(const size_mixture *m, random_stream *r);

#endif
