#include "engine/arrival.h"

#include <math.h>

#include "base/check.h"
#include "base/timing.h"

#define WHOLE_TURN 6.283185307179586

const char *const arrival_names[] = {"closed", "constant", "ramp", "diurnal", "burst", NULL};

bool arrival_is_open(const arrival *a)
{
    return a->form != ARRIVAL_CLOSED;
}

double arrival_rate(const arrival *a, uint64_t at)
{
    CHECK(at >= a->begin && a->end > a->begin);
    uint64_t since = at - a->begin;
    double part = (double)since / (double)(a->end - a->begin);
    switch (a->form) {
    case ARRIVAL_RAMP:
        return a->rate + (a->rate_end - a->rate) * (part < 1 ? part : 1);
    case ARRIVAL_DIURNAL: {
        double phase = (double)(since % a->period) / (double)a->period;
        return a->rate_end + (a->rate - a->rate_end) * (1 - cos(WHOLE_TURN * phase)) / 2;
    }
    case ARRIVAL_BURST:
        return since % a->period < a->period / 10 ? a->rate : a->rate_end;
    case ARRIVAL_CLOSED:
    case ARRIVAL_CONSTANT:
        break;
    }
    return a->rate;
}

uint64_t arrival_next(const arrival *a, uint64_t last, uint64_t share, random_stream *r)
{
    CHECK(arrival_is_open(a) && share > 0 && last >= a->begin);
    /* Thinning: draw at the highest rate, keep with the probability of the rate at that time. */
    double highest = a->rate > a->rate_end ? a->rate : a->rate_end;
    double gap = (double)NANOSECONDS_PER_SECOND * (double)share / highest;
    uint64_t at = last;
    do
        at += (uint64_t)random_exponential(r, gap);
    while (at < a->end && random_unit(r) * highest > arrival_rate(a, at));
    return at;
}

/* When the straight line from `clients` to `clients_end` passes the middle of this rank. */
static uint64_t crossing(const arrival *a, uint64_t rank)
{
    double from = (double)a->clients;
    double part = ((double)rank + 0.5 - from) / ((double)a->clients_end - from);
    return a->begin + (uint64_t)((double)(a->end - a->begin) * part);
}

void arrival_presence(const arrival *a, uint64_t rank, uint64_t *from, uint64_t *until)
{
    CHECK(!arrival_is_open(a));
    bool at_first = rank < a->clients;
    bool at_last = rank < a->clients_end;
    *from = at_first || !at_last ? a->begin : crossing(a, rank);
    *until = at_last ? a->end : at_first ? crossing(a, rank) : a->begin;
}
