#include "explore/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/timing.h"
#include "base/units.h"

#define REDRAW_EVERY (NANOSECONDS_PER_SECOND / 5)
#define PLAIN_EVERY  (10 * NANOSECONDS_PER_SECOND)
#define BAR_WIDTH    20

progress progress_begin(bool quiet)
{
    uint64_t now = timing_now();
    return (progress){.quiet = quiet, .began = now, .shown = now};
}

bool progress_due(const progress *p)
{
    uint64_t every = isatty(STDERR_FILENO) == 1 ? REDRAW_EVERY : PLAIN_EVERY;
    return !p->quiet && timing_now() - p->shown >= every;
}

void progress_show(progress *p, const char *what, uint64_t done, uint64_t all, uint64_t before,
                   const char *text)
{
    char left[32] = "?";
    char bar[BAR_WIDTH + 1];
    uint64_t now = timing_now();
    uint64_t fresh = done > before ? done - before : 0;
    if (fresh > 0 && all >= done)
        units_show_duration(
            (uint64_t)((double)(now - p->began) / (double)fresh * (double)(all - done)), left);
    for (uint64_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = all > 0 && i * all < done * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    p->shown = now;
    if (isatty(STDERR_FILENO) == 1) {
        fprintf(stderr, "\r\033[K[%s] %s %llu/%llu, %s, %s left", bar, what,
                (unsigned long long)done, (unsigned long long)all, text, left);
        p->drawn = true;
    } else {
        fprintf(stderr, "ordeal: %s %llu/%llu, %s, %s left\n", what, (unsigned long long)done,
                (unsigned long long)all, text, left);
    }
    fflush(stderr);
}

void progress_end(progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}
