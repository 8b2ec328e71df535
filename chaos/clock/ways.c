#include "chaos/clock/ways.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "chaos/clock/reader.h"

#define SECOND ((int64_t)NANOSECONDS_PER_SECOND)
/* Far from what ten seconds at the highest rate make. */
#define PROBE_BY (SECOND * 3600 * 240)

const char *clock_way_name(clock_way way)
{
    return way == CLOCK_BY_FAKETIME ? "libfaketime" : "vDSO patch";
}

static bool prepare_vdso(const char *page, way_parts *parts, error *e)
{
#if defined(__x86_64__)
    (void)e;
    snprintf(parts->page, sizeof parts->page, "%s", page);
    parts->prefix[0] = parts->program;
    parts->prefix[1] = parts->page;
    return true;
#else
    (void)page;
    (void)parts;
    return error_set(e, ERROR_UNABLE, "vDSO patch", "only for x86-64");
#endif
}

/* The first that is there; Debian keeps it in a folder of the machine's own. */
static const char *faketime_library(void)
{
    static const char *const paths[] = {"/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                                        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    return NULL;
}

static bool prepare_faketime(const clock_options *options, way_parts *parts, error *e)
{
    const char *library = faketime_library();
    if (library == NULL)
        return error_set(e, ERROR_UNABLE, "libfaketime", "not installed: apt-get install faketime");
    snprintf(parts->library, sizeof parts->library, "LD_PRELOAD=%s", library);
    double seconds = (double)options->offset / (double)SECOND;
    int used = snprintf(parts->setting, sizeof parts->setting, "FAKETIME=%+.9f", seconds);
    if (options->rate != 1)
        snprintf(parts->setting + used, sizeof parts->setting - (size_t)used, " x%.6f",
                 options->rate);
    size_t count = 0;
    parts->environment[count++] = parts->library;
    parts->environment[count++] = parts->setting;
    /* Without it waits on conditions with a monotonic clock end at once, with the glibc of today.
     */
    parts->environment[count++] = "FAKETIME_FORCE_MONOTONIC_FIX=0";
    /* At the right rate the monotonic clock is none of its business. */
    if (options->rate == 1)
        parts->environment[count++] = "FAKETIME_DONT_FAKE_MONOTONIC=1";
    return true;
}

bool way_prepare(clock_way way, const char *page, const clock_options *options, way_parts *parts,
                 error *e)
{
    *parts = (way_parts){0};
    if (!files_beside_program(parts->program, sizeof parts->program, "ordeal-clock", "ORDEAL_CLOCK",
                              e))
        return false;
    return way == CLOCK_BY_VDSO ? prepare_vdso(page, parts, e)
                                : prepare_faketime(options, parts, e);
}

/* --- trying --- */

static bool shows_change(clock_control *c, clock_reader *r, error *e)
{
    clock_reading now;
    int number = clock_begin(c, &(clock_change){.offset = PROBE_BY}, e);
    if (number < 0)
        return false;
    bool asked = clock_reader_ask(r, false, &now, e);
    clock_end(c, number);
    int64_t wanted = clock_offset(c) + PROBE_BY;
    if (asked && !clock_reading_off_by(&now, wanted, clock_rate(c)))
        return error_set(e, ERROR_UNABLE, "clock",
                         "a program that was given another time did not see it");
    return asked;
}

static bool shows_from_start(const clock_control *c, clock_reader *r, error *e)
{
    clock_reading first;
    clock_reading second;
    if (!clock_reader_ask(r, false, &first, e))
        return false;
    timing_sleep(20 * NANOSECONDS_PER_MILLISECOND);
    if (!clock_reader_ask(r, false, &second, e))
        return false;
    return (clock_reading_off_by(&first, clock_offset(c), clock_rate(c)) &&
            clock_reading_ran(&first, &second, clock_rate(c))) ||
           error_set(e, ERROR_UNABLE, "clock",
                     "a program that was given another time did not see it");
}

bool way_works(clock_control *c, error *e)
{
    clock_reader r;
    if (!clock_reader_start(c, &r, e))
        return false;
    bool fine =
        clock_chosen(c) == CLOCK_BY_VDSO ? shows_change(c, &r, e) : shows_from_start(c, &r, e);
    clock_reader_stop(&r);
    return fine;
}
