/* Samples as a client sends them: one JSON object or an array of them, read as they stream in.
 *
 * A sample has a `timestamp`, a number above 0, and whatever else it likes: every number finite, no
 * key twice, at most SAMPLE_DEPTH levels, SAMPLE_KEYS keys and SAMPLE_MOST bytes. Only the last
 * SAMPLES_KEPT are kept, so memory has a bound (about 4 MiB, less for usual samples) whatever is
 * sent. The reader knows nothing of HTTP or files. */
#ifndef REFERENCE_SAMPLES_H
#define REFERENCE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLES_KEPT ((size_t)1000)
#define SAMPLE_MOST  ((size_t)2048)
#define SAMPLE_KEYS  64
#define SAMPLE_DEPTH 8

typedef struct samples samples;

samples *samples_open(void);
void samples_close(samples *s);

/* False once something is wrong: then the rest may be dropped. */
bool samples_feed(samples *s, const void *bytes, size_t length);
/* False: samples_wrong says why. */
bool samples_end(samples *s);
const char *samples_wrong(const samples *s);

uint64_t samples_count(const samples *s); /* of all that came */
/* The last of them, at most SAMPLES_KEPT: `length` bytes, a line each that begins with a comma.
 * They live as long as `s` is not fed. */
const char *samples_rows(const samples *s, size_t *count, size_t *length);
size_t samples_memory(const samples *s);

#endif
