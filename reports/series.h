/* A history over time in at most SERIES_BINS equal bins, whatever its length: what the charts draw.
 *
 * Filled in one pass and constant memory (about 1.3 MB): when a time lies past the last bin, bins
 * are folded in pairs and become twice as wide. Throughput and errors stand where an operation
 * ended; latency, counted from the intended start, stands where it should have begun, so that a
 * stall is seen inside the fault that made it. */
#ifndef ORDEAL_REPORTS_SERIES_H
#define ORDEAL_REPORTS_SERIES_H

#include "base/json_writer.h"
#include "verdict/verdict.h"

#define SERIES_BINS        ((size_t)600)
#define SERIES_NARROWEST   (50 * (uint64_t)1000000) /* nanoseconds of a bin at first */
#define SERIES_ERRORS      9                        /* the last takes all that have no own row */
#define SERIES_OCTAVE      16                       /* latency steps in an octave */
#define SERIES_LEAST_POWER 13                       /* up to 8 us is the first step */
#define SERIES_STEPS       ((size_t)26 * SERIES_OCTAVE) /* up to 2^39 ns, 9 minutes */
#define SERIES_SIZES       41 /* powers of two of bytes, from 0 and 1 on */

typedef struct {
    uint8_t failure;
    uint16_t status;
} series_error;

/* The last sample in the bin. */
typedef struct {
    bool taken;
    uint64_t resident;
    uint64_t proportional;
    uint64_t disk;
    uint64_t processor; /* microseconds so far */
    uint32_t threads;
    uint32_t descriptors;
    uint32_t processes;
    uint32_t temporary;
} series_sample;

typedef struct {
    uint32_t outcomes[3];
    uint32_t errors[SERIES_ERRORS];
    uint32_t latency[SERIES_STEPS];
    uint64_t slowest;
    uint64_t sent;     /* bytes of ok puts and pieces */
    uint64_t received; /* bytes of ok reads */
    int64_t sessions;  /* upload sessions begun less those ended, as clients saw it */
    series_sample sample;
    uint64_t own; /* resident bytes of ordeal itself, the last seen; 0: not looked at */
} series_bin;

typedef struct {
    uint64_t width; /* nanoseconds of a bin */
    size_t count;   /* bins in use */
    series_error errors[SERIES_ERRORS];
    size_t error_count;
    uint64_t sizes[SERIES_SIZES]; /* files written, by the power of two that they do not exceed */
    uint64_t in_flight;           /* operations without an end, or that the run's end cut off */
    bool has_sessions;
    series_bin bins[SERIES_BINS];
} series;

/* Empty, with the failures of `v` as rows. Released by free(). */
series *series_begin(const verdict *v);
void series_take(series *s, const history_record *r);
/* Nanoseconds; 0 when the bins have no latency. Exact to a step, 4 %. */
uint64_t series_percentile(const series *s, size_t first, size_t count, double percent);
/* Ok operations a second. */
double series_rate(const series *s, size_t first, size_t count);
void series_write(const series *s, json_writer *w);

#endif
