#include "engine/arrival.h"

#include <math.h>

#include "base/check.h"
#include "base/timing.h"

bool arrival_is_open(const arrival *a)
{
    return a->form != ARRIVAL_CLOSED;
}

double arrival_rate(const arrival *a, uint64_t at, uint64_t length)
{
    double part = length > 0 ? (double)at / (double)length : 0;
    switch (a->form) {
    case ARRIVAL_RAMP:
        return a->rate + (a->rate_end - a->rate) * (part < 1 ? part : 1);
    case ARRIVAL_DIURNAL: {
        double phase = (double)(at % a->period) / (double)a->period;
        return a->rate_end + (a->rate - a->rate_end) * (1 - cos(6.283185307179586 * phase)) / 2;
    }
    case ARRIVAL_BURST:
        return at % a->period < a->period / 10 ? a->rate : a->rate_end;
    case ARRIVAL_CLOSED:
    case ARRIVAL_CONSTANT:
        break;
    }
    return a->rate;
}

uint64_t arrival_next(const arrival *a, uint64_t last, uint64_t length, uint64_t share,
                      random_stream *r)
{
    CHECK(arrival_is_open(a) && share > 0);
    /* Thinning: draw at the highest rate, keep with the probability of the rate at that time. */
    double highest = a->rate > a->rate_end ? a->rate : a->rate_end;
    uint64_t at = last;
    for (int tries = 0; tries < 10000; tries++) {
        at += (uint64_t)random_exponential(r, (double)NANOSECONDS_PER_SECOND * (double)share /
                                                  highest);
        if (at >= length || random_unit(r) * highest <= arrival_rate(a, at, length))
            return at;
    }
    return at;
}
