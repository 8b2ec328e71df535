#include "reports/series.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

/* --- latency steps: an octave is cut evenly, as in engine/histogram.h, only coarser --- */

static size_t step_of(uint64_t nanoseconds)
{
    if (nanoseconds < (uint64_t)1 << SERIES_LEAST_POWER)
        return 0;
    unsigned power = 63U - (unsigned)__builtin_clzll(nanoseconds);
    size_t within = (size_t)(nanoseconds >> (power - 4)) & (SERIES_OCTAVE - 1);
    size_t step = (size_t)(power - SERIES_LEAST_POWER) * SERIES_OCTAVE + within;
    return step < SERIES_STEPS ? step : SERIES_STEPS - 1;
}

static uint64_t middle_of(size_t step)
{
    uint64_t octave = (uint64_t)1 << (SERIES_LEAST_POWER + step / SERIES_OCTAVE);
    return octave + octave / SERIES_OCTAVE * (step % SERIES_OCTAVE) + octave / SERIES_OCTAVE / 2;
}

/* --- bins --- */

static void fold_pair(series_bin *into, const series_bin *a, const series_bin *b)
{
    series_bin sum = *a;
    for (size_t i = 0; i < 3; i++)
        sum.outcomes[i] += b->outcomes[i];
    for (size_t i = 0; i < SERIES_ERRORS; i++)
        sum.errors[i] += b->errors[i];
    for (size_t i = 0; i < SERIES_STEPS; i++)
        sum.latency[i] += b->latency[i];
    sum.slowest = a->slowest > b->slowest ? a->slowest : b->slowest;
    sum.sent += b->sent;
    sum.received += b->received;
    sum.sessions += b->sessions;
    if (b->sample.taken)
        sum.sample = b->sample;
    sum.own = b->own > 0 ? b->own : a->own;
    *into = sum;
}

static void fold(series *s)
{
    for (size_t i = 0; i < SERIES_BINS / 2; i++)
        fold_pair(&s->bins[i], &s->bins[2 * i], &s->bins[2 * i + 1]);
    memset(&s->bins[SERIES_BINS / 2], 0, SERIES_BINS / 2 * sizeof s->bins[0]);
    s->count = (s->count + 1) / 2;
    s->width *= 2;
}

static series_bin *bin_at(series *s, uint64_t at)
{
    while (at / s->width >= SERIES_BINS)
        fold(s);
    size_t index = (size_t)(at / s->width);
    if (index >= s->count)
        s->count = index + 1;
    return &s->bins[index];
}

/* --- records --- */

/* The most frequent failures get a row each, whatever the operation. */
static void choose_errors(series *s, const verdict *v)
{
    for (size_t i = 0; i < v->failure_count && s->error_count < SERIES_ERRORS - 1; i++) {
        size_t at = 0;
        while (at < s->error_count && !(s->errors[at].failure == v->failures[i].failure &&
                                        s->errors[at].status == v->failures[i].status))
            at++;
        if (at == s->error_count)
            s->errors[s->error_count++] =
                (series_error){v->failures[i].failure, v->failures[i].status};
    }
}

static size_t error_row(const series *s, const history_record *r)
{
    for (size_t i = 0; i < s->error_count; i++)
        if (s->errors[i].failure == r->failure && s->errors[i].status == r->status)
            return i;
    return SERIES_ERRORS - 1;
}

static bool writes_bytes(const history_record *r)
{
    return r->type == OPERATION_PUT || r->type == OPERATION_UPLOAD_PATCH;
}

static bool reads_bytes(const history_record *r)
{
    return r->type == OPERATION_GET || r->type == OPERATION_GET_RANGE ||
           r->type == OPERATION_GET_VERSION || r->type == OPERATION_SHARE_GET;
}

static void take_good(series *s, series_bin *end, const history_record *r)
{
    bool begins = r->type == OPERATION_UPLOAD_CREATE;
    bool ends = r->type == OPERATION_UPLOAD_CANCEL ||
                (r->type == OPERATION_UPLOAD_PATCH && (r->flags & FLAG_COMPLETES));
    end->sent += writes_bytes(r) ? r->size : 0;
    end->received += reads_bytes(r) ? r->size : 0;
    end->sessions += begins - ends;
    s->has_sessions = s->has_sessions || begins;
    if (r->type == OPERATION_PUT || begins) {
        unsigned power = r->size == 0 ? 0 : 64U - (unsigned)__builtin_clzll(r->size);
        s->sizes[power < SERIES_SIZES ? power : SERIES_SIZES - 1]++;
    }
    if (r->flags & FLAG_FINAL)
        return;
    uint64_t begin = r->invoke > r->late ? r->invoke - r->late : 0;
    uint64_t latency = r->finish - r->invoke + r->late;
    series_bin *start = bin_at(s, begin);
    start->latency[step_of(latency)]++;
    start->slowest = latency > start->slowest ? latency : start->slowest;
}

static void take_operation(series *s, const history_record *r)
{
    bool cut = r->finish == HISTORY_NEVER || r->failure == FAILURE_INTERRUPTED;
    s->in_flight += cut;
    series_bin *end = bin_at(s, r->finish == HISTORY_NEVER ? r->invoke : r->finish);
    CHECK(r->outcome < 3);
    end->outcomes[r->outcome]++;
    if (r->outcome == OUTCOME_OK)
        take_good(s, end, r);
    else
        end->errors[error_row(s, r)]++;
}

static void take_sample(series *s, const history_record *r)
{
    bin_at(s, r->invoke)->sample = (series_sample){
        .taken = true,
        .resident = r->value,
        .proportional = r->late,
        .disk = r->expected,
        .processor = r->size,
        .threads = r->version,
        .descriptors = r->detail,
        .processes = r->sequence,
        .temporary = r->client,
    };
}

series *series_begin(const verdict *v)
{
    series *s = memory_zeroed(1, sizeof *s);
    s->width = SERIES_NARROWEST;
    choose_errors(s, v);
    return s;
}

void series_take(series *s, const history_record *r)
{
    if (r->kind == RECORD_OPERATION)
        take_operation(s, r);
    else if (r->kind == RECORD_SAMPLE)
        take_sample(s, r);
    else if (r->kind == RECORD_EVENT && r->type == EVENT_OWN_MEMORY)
        bin_at(s, r->invoke)->own = r->value;
    else if (r->kind != RECORD_PART)
        (void)bin_at(s, r->invoke);
}

uint64_t series_percentile(const series *s, size_t first, size_t count, double percent)
{
    uint64_t all = 0;
    uint64_t below = 0;
    for (size_t i = first; i < first + count; i++)
        for (size_t step = 0; step < SERIES_STEPS; step++)
            all += s->bins[i].latency[step];
    for (size_t step = 0; step < SERIES_STEPS && all > 0; step++) {
        for (size_t i = first; i < first + count; i++)
            below += s->bins[i].latency[step];
        if ((double)below >= (double)all * percent / 100)
            return middle_of(step);
    }
    return 0;
}

double series_rate(const series *s, size_t first, size_t count)
{
    uint64_t good = 0;
    for (size_t i = first; i < first + count; i++)
        good += s->bins[i].outcomes[OUTCOME_OK];
    double seconds = (double)(count * s->width) / (double)NANOSECONDS_PER_SECOND;
    return seconds > 0 ? (double)good / seconds : 0;
}
