/* When a client's next turn is meant to begin.
 *
 * Closed: a think time after the last turn's end. Open: at a rate, whatever the target does;
 * latency then counts from the intended start, and what cannot be made in time is dropped and
 * counted. */
#ifndef ORDEAL_ENGINE_ARRIVAL_H
#define ORDEAL_ENGINE_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

typedef enum {
    ARRIVAL_CLOSED,
    ARRIVAL_CONSTANT,
    ARRIVAL_RAMP,
    ARRIVAL_DIURNAL,
    ARRIVAL_BURST
} arrival_form;

typedef struct {
    arrival_form form;
    uint64_t think;  /* closed: mean pause, exponential; 0: none */
    double rate;     /* open: turns a second of the whole group */
    double rate_end; /* ramp: at the end. Diurnal: at night. Burst: between bursts */
    uint64_t period; /* diurnal: a day. Burst: from one to the next; a tenth of it is the burst */
} arrival;

bool arrival_is_open(const arrival *a);
/* Open only: turns a second of the whole group at `at` nanoseconds of a load `length` long. */
double arrival_rate(const arrival *a, uint64_t at, uint64_t length);
/* Open only: the intended start after `last`, for one client of `share` that make up the group.
 * Poisson. */
uint64_t arrival_next(const arrival *a, uint64_t last, uint64_t length, uint64_t share,
                      random_stream *r);

#endif
