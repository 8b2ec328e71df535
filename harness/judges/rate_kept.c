/* rate-kept: the target lets as many requests through as its limiter may, no more and no fewer.
 *
 * The limiter is a bucket of `burst` tokens that flow in at `rate`; all clients of a run come from
 * one address. A token is taken at some moment between an operation's begin and its end. So of what
 * lies between the load's begin and any later moment no more than burst and inflow can have been
 * served; and who is refused must have had, in the time that the bucket takes to fill, a burst of
 * others beside him. What had no answer may have taken a token or not. Each operation counts as one
 * request: lists of more than one page would be more. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"rate", PARAMETER_WHOLE, NULL, "requests a second that the target lets through", NULL},
    {"burst", PARAMETER_WHOLE, "100", "requests that may be saved up", NULL},
};
enum { RATE, BURST };

typedef struct {
    uint64_t *begins; /* of all that may have taken a token, ascending */
    uint64_t *ends;
    size_t count;
    uint64_t *served; /* ends of those that took one since the load began */
    size_t served_count;
    uint64_t load;
} traffic;

static bool counted(const history_record *r)
{
    return r->kind == RECORD_OPERATION && r->type != OPERATION_GARBAGE &&
           r->type != OPERATION_READY;
}

static int ascending(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static traffic traffic_of(const judge_input *in)
{
    size_t most = history_count(in->history) + 1;
    traffic t = {.begins = memory_take(most * sizeof *t.begins),
                 .ends = memory_take(most * sizeof *t.ends),
                 .served = memory_take(most * sizeof *t.served),
                 .load = HISTORY_NEVER};
    record_list events = index_events(in->index);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type == EVENT_LOAD_BEGIN)
            t.load = r.invoke;
    }
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (!counted(&r) || r.status == 429)
            continue;
        t.begins[t.count] = r.invoke;
        t.ends[t.count++] = r.finish;
        if (r.status != 0 && r.invoke >= t.load)
            t.served[t.served_count++] = r.finish;
    }
    qsort(t.begins, t.count, sizeof *t.begins, ascending);
    qsort(t.ends, t.count, sizeof *t.ends, ascending);
    qsort(t.served, t.served_count, sizeof *t.served, ascending);
    return t;
}

static void traffic_free(traffic *t)
{
    free(t->begins);
    free(t->ends);
    free(t->served);
}

/* How many of the ascending times lie before `moment`. */
static size_t before(const uint64_t *times, size_t count, uint64_t moment)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (times[middle] < moment)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static void judge_served(const judge_input *in, judge_finding *out, const traffic *t)
{
    uint64_t rate = in->values[RATE].number;
    uint64_t burst = in->values[BURST].number;
    for (size_t i = 0; i < t->served_count; i++) {
        double seconds = (double)(t->served[i] - t->load) / (double)NANOSECONDS_PER_SECOND;
        out->examined++;
        if ((double)(i + 1) > (double)burst + (double)rate * seconds + 1)
            finding_violate(out, t->served[i],
                            "%zu requests were served in the first %.2f s of the load; %" PRIu64
                            " a second and %" PRIu64 " at once are let through",
                            i + 1, seconds, rate, burst);
    }
}

static void judge_refusal(const judge_input *in, judge_finding *out, const traffic *t,
                          size_t record)
{
    history_record r = history_get(in->history, record);
    uint64_t burst = in->values[BURST].number;
    uint64_t fill = burst * NANOSECONDS_PER_SECOND / in->values[RATE].number;
    out->examined++;
    if (r.invoke < t->load || r.invoke - t->load < fill)
        return;
    size_t others =
        before(t->begins, t->count, r.finish) - before(t->ends, t->count, r.invoke - fill);
    if (others + 1 < burst &&
        finding_violate(out, r.finish,
                        "a request was refused with 429 after only %zu others in %" PRIu64
                        " ms; %" PRIu64 " are let through at once",
                        others, fill / NANOSECONDS_PER_MILLISECOND, burst))
        evidence_show(in, out, record);
}

static void examine(const judge_input *in, judge_finding *out)
{
    traffic t = traffic_of(in);
    uint64_t refusals = 0;
    judge_served(in, out, &t);
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (!counted(&r) || r.status != 429)
            continue;
        refusals++;
        judge_refusal(in, out, &t, i);
    }
    if (out->violations == 0 && refusals == 0)
        finding_doubt(out, "nobody asked more than the limiter lets through");
    else if (out->violations == 0)
        finding_hold(out, "%zu requests were served and %" PRIu64 " refused, as the limiter should",
                     t.served_count, refusals);
    traffic_free(&t);
}

const judge judge_rate_kept = {
    .name = "rate-kept",
    .definition = "Since the load began no more requests are served than the stated rate and burst "
                  "let through, and nobody is refused (429) who did not have a burst of requests "
                  "beside him.",
    .needs = "clients of one address that ask more than they may",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
