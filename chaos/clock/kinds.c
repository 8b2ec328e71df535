/* The clock kinds: each is one change of the target's clock, tried first on a small program under a
 * clock of its own. */
#include <stdlib.h>

#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "chaos/clock/clock.h"
#include "chaos/clock/reader.h"
#include "chaos/fault.h"

#define SECOND       ((int64_t)NANOSECONDS_PER_SECOND)
#define OFFSET_MOST  (20LL * 365 * 86400 * SECOND)
#define STROBE_LEAST NANOSECONDS_PER_MILLISECOND
#define PROBE_LENGTH ((uint64_t)(3600 * SECOND))

typedef struct {
    clock_change (*change)(const fault *f);
    unsigned needed; /* of clock_seen: all of it makes a hit */
    bool (*felt)(const fault *f, clock_reader *r, error *e);
} clock_kind;

static const clock_kind *kind_of(const fault *f);

/* --- skew, jump, strobe: the wall clock by an offset --- */

static const parameter skew_parameters[] = {
    {"by", PARAMETER_OFFSET, "90s", "how far the wall clock is off; - is behind", NULL},
};
static const char *const jump_ways[] = {"both", "ahead", "behind", NULL};
static const parameter jump_parameters[] = {
    {"by", PARAMETER_DURATION, "1h", "how far the wall clock jumps", NULL},
    {"way", PARAMETER_WORD, "both", "both: ahead, at half-time behind, and home", jump_ways},
};
static const parameter strobe_parameters[] = {
    {"by", PARAMETER_OFFSET, "2s", "how far off in every second half", NULL},
    {"period", PARAMETER_DURATION, "200ms", "there and back", NULL},
};

static clock_change skew(const fault *f)
{
    return (clock_change){.offset = f->values[0].offset};
}

static clock_change jump(const fault *f)
{
    int64_t by = (int64_t)f->values[0].number;
    uint64_t half = f->length / 2 > STROBE_LEAST ? f->length / 2 : STROBE_LEAST;
    if (f->values[1].number == 0)
        return (clock_change){.offset = by, .strobe_half = half, .strobe_by = -2 * by};
    return (clock_change){.offset = f->values[1].number == 1 ? by : -by};
}

static clock_change strobe(const fault *f)
{
    return (clock_change){.strobe_half = f->values[1].number / 2, .strobe_by = f->values[0].offset};
}

static bool offset_in_bounds(int64_t by, error *e)
{
    return (by != 0 && by >= -OFFSET_MOST && by <= OFFSET_MOST) ||
           error_set(e, ERROR_USAGE, "", "by: not 0, and at most twenty years");
}

static bool check_offset(const fault *f, error *e)
{
    return offset_in_bounds(f->values[0].offset, e);
}

static bool check_jump(const fault *f, error *e)
{
    return (f->values[0].number > 0 && f->values[0].number <= (uint64_t)OFFSET_MOST) ||
           error_set(e, ERROR_USAGE, "", "by: above 0 and at most twenty years");
}

static bool check_strobe(const fault *f, error *e)
{
    return offset_in_bounds(f->values[0].offset, e) &&
           (f->values[1].number >= 2 * STROBE_LEAST ||
            error_set(e, ERROR_USAGE, "", "period: at least 2ms"));
}

static bool not_felt(const fault *f, error *e)
{
    return error_set(e, ERROR_INTERNAL, f->kind->name, "a program under it did not feel it");
}

/* Off by what was said, and the monotonic clock as ever. */
static bool felt_offset(const fault *f, clock_reader *r, error *e)
{
    clock_reading first;
    clock_reading second;
    return clock_reader_ask(r, false, &first, e) && clock_reader_ask(r, false, &second, e) &&
           ((clock_reading_off_by(&second, kind_of(f)->change(f).offset, 1) &&
             clock_reading_ran(&first, &second, 1)) ||
            not_felt(f, e));
}

static bool felt_strobe(const fault *f, clock_reader *r, error *e)
{
    clock_reading now;
    bool here = false;
    bool away = false;
    uint64_t until = timing_now() + f->values[1].number * 10 + 5 * NANOSECONDS_PER_SECOND;
    while (!(here && away)) {
        if (!clock_reader_ask(r, false, &now, e))
            return false;
        bool right = clock_reading_off_by(&now, 0, 1);
        bool off = clock_reading_off_by(&now, f->values[0].offset, 1);
        if ((!right && !off) || timing_now() > until)
            return not_felt(f, e);
        here = here || (right && !off);
        away = away || (off && !right);
    }
    return true;
}

/* --- drift and rate --- */

static const parameter drift_parameters[] = {
    {"gain", PARAMETER_OFFSET, "50ms", "what the wall clock gains in a second; - loses", NULL},
};
static const parameter rate_parameters[] = {
    {"rate", PARAMETER_REAL, "10", "how fast time passes, waits included", NULL},
};

static clock_change drift(const fault *f)
{
    return (clock_change){.drift = (double)f->values[0].offset / (double)SECOND};
}

static clock_change rate(const fault *f)
{
    return (clock_change){.rate = f->values[0].real};
}

static bool check_drift(const fault *f, error *e)
{
    int64_t gain = f->values[0].offset;
    return (gain != 0 && gain > -SECOND && gain <= 10 * SECOND) ||
           error_set(e, ERROR_USAGE, "", "gain: not 0, above -1s and at most 10s");
}

static bool check_rate(const fault *f, error *e)
{
    return (f->values[0].real >= CLOCK_RATE_LEAST && f->values[0].real <= CLOCK_RATE_MOST) ||
           error_set(e, ERROR_USAGE, "", "rate: from 0.01 to 1440");
}

static bool felt_drift(const fault *f, clock_reader *r, error *e)
{
    clock_reading first;
    clock_reading second;
    if (!clock_reader_ask(r, false, &first, e))
        return false;
    timing_sleep(50 * NANOSECONDS_PER_MILLISECOND);
    if (!clock_reader_ask(r, false, &second, e))
        return false;
    double passed = (double)(second.wall - first.wall);
    double factor = 1 + drift(f).drift;
    double least = (double)(second.wall_before - first.wall_after) * factor;
    double most = (double)(second.wall_after - first.wall_before) * factor;
    return (passed >= least - 1000 && passed <= most + 1000 &&
            clock_reading_ran(&first, &second, 1)) ||
           not_felt(f, e);
}

/* The clock runs so fast, and a sleep of 100 ms by it takes as much less of ours, and not less. */
static bool felt_rate(const fault *f, clock_reader *r, error *e)
{
    clock_reading first;
    clock_reading second;
    double factor = f->values[0].real;
    if (!clock_reader_ask(r, false, &first, e) || !clock_reader_ask(r, true, &second, e))
        return false;
    double slept = (double)(second.monotonic - first.monotonic);
    double took = (double)(second.monotonic_after - second.monotonic_before);
    return (clock_reading_ran(&first, &second, factor) && slept >= 0.1 * (double)SECOND &&
            took >= 0.0999 * (double)SECOND / factor) ||
           not_felt(f, e);
}

/* --- what all share --- */

static bool feel(const fault *f, clock_control *c, clock_reader *r, error *e)
{
    clock_reading before;
    clock_reading after;
    clock_change change = kind_of(f)->change(f);
    if (!clock_reader_ask(r, false, &before, e))
        return false;
    uint64_t waits = clock_waits(c);
    int number = clock_begin(c, &change, e);
    if (number < 0)
        return false;
    bool felt = kind_of(f)->felt(f, r, e);
    unsigned seen = clock_seen(c, number);
    if (felt && change.rate > 0 && clock_waits(c) == waits)
        felt = error_set(e, ERROR_INTERNAL, f->kind->name, "a wait was not followed");
    clock_end(c, number);
    if (!felt || !clock_reader_ask(r, false, &after, e))
        return false;
    if ((seen & CLOCK_SEEN_WALL) == 0)
        return error_set(e, ERROR_INTERNAL, f->kind->name, "it was felt, but not counted");
    return (clock_reading_off_by(&after, 0, 1) && after.monotonic > before.monotonic) ||
           error_set(e, ERROR_INTERNAL, f->kind->name, "still felt after its end");
}

static bool probe_clock(fault *f, const fault_site *site, error *e)
{
    char page[4096];
    clock_reader r;
    if (site->process == NULL)
        return error_set(
            e, ERROR_UNABLE, f->kind->name,
            "the target was not started by ordeal; give its command in the target file");
    if (!files_join(page, sizeof page, site->work_directory, "clock.probe", e))
        return false;
    clock_options options = {.page = page,
                             .way = CLOCK_BY_VDSO,
                             .rate = 1,
                             .rate_may_change = (f->kind->needs & FAULT_NEEDS_WAITS) != 0};
    clock_control *c = clock_open(&options, e);
    if (c == NULL)
        return false;
    fault one = *f;
    one.length = PROBE_LENGTH;
    bool fine = clock_reader_start(c, &r, e);
    if (fine) {
        fine = feel(&one, c, &r, e);
        clock_reader_stop(&r);
    }
    clock_close(c);
    if (fine && (site->clock == NULL || clock_chosen(site->clock) != CLOCK_BY_VDSO))
        return error_set(e, ERROR_UNABLE, f->kind->name,
                         "the target was started without a clock that can be changed");
    return fine;
}

static bool begin_clock(fault *f, const fault_site *site, error *e)
{
    clock_change change = kind_of(f)->change(f);
    int number = clock_begin(site->clock, &change, e);
    if (number < 0)
        return false;
    f->state = malloc(sizeof number);
    CHECK(f->state != NULL);
    *(int *)f->state = number;
    return true;
}

static bool end_clock(fault *f, const fault_site *site, error *e)
{
    (void)e;
    clock_end(site->clock, *(int *)f->state);
    free(f->state);
    f->state = NULL;
    return true;
}

/* The target itself tells that it has read the changed clock. */
static uint64_t clock_hits(const fault *f, const fault_site *site)
{
    unsigned needed = kind_of(f)->needed;
    clock_change change = kind_of(f)->change(f);
    if (f->state == NULL)
        return 0;
    if (change.strobe_half > 0)
        needed |= CLOCK_SEEN_PHASES;
    return (clock_seen(site->clock, *(const int *)f->state) & needed) == needed;
}

#define CLOCK_KIND(variable, called, does, rows, verify, more_needs)                               \
    const fault_kind variable = {                                                                  \
        .name = (called),                                                                          \
        .family = "clock",                                                                         \
        .description = (does),                                                                     \
        .parameters = (rows),                                                                      \
        .parameter_count = sizeof(rows) / sizeof((rows)[0]),                                       \
        .needs = FAULT_NEEDS_CLOCK | FAULT_NEEDS_PROCESS | (more_needs),                           \
        .check = (verify),                                                                         \
        .probe = probe_clock,                                                                      \
        .begin = begin_clock,                                                                      \
        .end = end_clock,                                                                          \
        .hits = clock_hits,                                                                        \
    }

CLOCK_KIND(fault_clock_skew, "clock-skew", "the wall clock is off by a constant", skew_parameters,
           check_offset, 0);
CLOCK_KIND(fault_clock_jump, "clock-jump", "the wall clock jumps ahead, behind, or both in turn",
           jump_parameters, check_jump, 0);
CLOCK_KIND(fault_clock_drift, "clock-drift", "the wall clock runs fast or slow", drift_parameters,
           check_drift, 0);
CLOCK_KIND(fault_clock_rate, "clock-rate", "all time passes faster or slower, waits included",
           rate_parameters, check_rate, FAULT_NEEDS_WAITS);
CLOCK_KIND(fault_clock_strobe, "clock-strobe", "the wall clock jumps there and back all the time",
           strobe_parameters, check_strobe, 0);

static const struct {
    const fault_kind *kind;
    clock_kind own;
} kinds[] = {
    {&fault_clock_skew, {skew, CLOCK_SEEN_WALL, felt_offset}},
    {&fault_clock_jump, {jump, CLOCK_SEEN_WALL, felt_offset}},
    {&fault_clock_drift, {drift, CLOCK_SEEN_WALL, felt_drift}},
    {&fault_clock_rate, {rate, CLOCK_SEEN_MONOTONIC, felt_rate}},
    {&fault_clock_strobe, {strobe, CLOCK_SEEN_WALL, felt_strobe}},
};

static const clock_kind *kind_of(const fault *f)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].kind == f->kind)
            return &kinds[i].own;
    CHECK(false);
    return NULL;
}
