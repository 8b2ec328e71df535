/* When a client's next turn is meant to begin.
 *
 * Closed: a think time after the last turn's end. Open: at a rate, whatever the target does;
 * latency then counts from the intended start, and what cannot be made in time is dropped and
 * counted. An arrival is one stage of a group of clients; a group goes through its stages in order.
 */
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
    uint64_t begin; /* nanoseconds since the load began */
    uint64_t end;
    uint64_t think;       /* closed: mean pause, exponential; 0: none */
    uint64_t clients;     /* closed: how many of the group are at work when it begins */
    uint64_t clients_end; /* and when it ends; in a straight line between */
    double rate;          /* open: turns a second of the whole group */
    double rate_end;      /* ramp: at the end. Diurnal: at night. Burst: between bursts */
    uint64_t period; /* diurnal: a day. Burst: from one to the next; a tenth of it is the burst */
} arrival;

/* By arrival_form; ends in NULL. */
extern const char *const arrival_names[];

bool arrival_is_open(const arrival *a);
/* Open only: turns a second of the whole group at `at`. */
double arrival_rate(const arrival *a, uint64_t at);
/* Open only: the intended start after `last`, for one client of `share` that make up the group.
 * Poisson. At or after the stage's end when none is left. */
uint64_t arrival_next(const arrival *a, uint64_t last, uint64_t share, random_stream *r);
/* Closed only: from when until when the group's client number `rank` (from 0) is at work; both the
 * same when it is not. */
void arrival_presence(const arrival *a, uint64_t rank, uint64_t *from, uint64_t *until);

#endif
