#include "run/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/timing.h"
#include "base/units.h"

#define BAR_WIDTH 24

progress progress_begin(bool quiet)
{
    return (progress){.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1, .last = timing_now()};
}

static void draw_bar(const progress_state *state, char bar[BAR_WIDTH + 1])
{
    uint64_t full = state->length > 0 ? state->elapsed * BAR_WIDTH / state->length : BAR_WIDTH;
    for (uint64_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
}

void progress_show(progress *p, const progress_state *state)
{
    uint64_t now = timing_now();
    uint64_t pause = p->terminal ? NANOSECONDS_PER_SECOND / 4 : 5 * NANOSECONDS_PER_SECOND;
    if (p->quiet || now - p->last < pause)
        return;
    char resident[32], bar[BAR_WIDTH + 1];
    double seconds = (double)(now - p->last) / (double)NANOSECONDS_PER_SECOND;
    double rate = (double)(state->done - p->last_done) / seconds;
    draw_bar(state, bar);
    uint64_t percent = state->length > 0 ? state->elapsed * 100 / state->length : 100;
    fprintf(stderr,
            "%s%s [%s] %3" PRIu64 " %%  %.0f/s  %" PRIu64 " done, %" PRIu64
            " not ok  target %s%s%s%s",
            p->terminal ? "\r\033[K" : "", state->phase, bar, percent < 100 ? percent : 100, rate,
            state->done, state->failed, units_show_size(state->resident, resident),
            state->faults[0] != '\0' ? "  faults: " : "", state->faults, p->terminal ? "" : "\n");
    fflush(stderr);
    p->last = now;
    p->last_done = state->done;
}

void progress_end(progress *p)
{
    if (!p->quiet && p->terminal)
        fputs("\r\033[K", stderr);
}
