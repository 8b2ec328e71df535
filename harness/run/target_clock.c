#include "run/target_clock.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/files.h"
#include "base/units.h"
#include "chaos/clock/reach.h"

bool target_clock_open(const scenario *s, const char *directory, clock_control **out, error *e)
{
    char page[512];
    unsigned needs = scenario_needs(s);
    error unable = {0};
    *out = NULL;
    if ((needs & FAULT_NEEDS_CLOCK) == 0 || s->target.command == NULL)
        return true;
    if (!files_join(page, sizeof page, directory, "clock", e))
        return false;
    clock_options options = {.page = page,
                             .way = (clock_way)s->clock_way,
                             .rate = s->clock_rate,
                             .offset = s->clock_offset,
                             .rate_may_change = (needs & FAULT_NEEDS_WAITS) != 0};
    *out = clock_open(&options, &unable);
    if (*out != NULL || (unable.kind == ERROR_UNABLE && s->clock_rate == 1 && s->clock_offset == 0))
        return true;
    return error_set(e, unable.kind, unable.place, "%s", unable.text);
}

bool target_clock_reaches(const clock_control *c, pid_t program, error *e)
{
    return c == NULL || clock_chosen(c) != CLOCK_BY_FAKETIME || faketime_reaches(program, e);
}

void target_clock_tell(const clock_control *c, const scenario *s, char *text, size_t size)
{
    char offset[32];
    uint64_t by = (uint64_t)(s->clock_offset < 0 ? -s->clock_offset : s->clock_offset);
    int used = snprintf(text, size, "clock: %s", clock_way_name(clock_chosen(c)));
    if (s->clock_rate != 1 && used > 0 && (size_t)used < size)
        used += snprintf(text + used, size - (size_t)used, ", time passes %g times as fast",
                         s->clock_rate);
    if (by != 0 && used > 0 && (size_t)used < size)
        used += snprintf(text + used, size - (size_t)used, ", wall clock %s %s",
                         units_show_duration(by, offset), s->clock_offset < 0 ? "behind" : "ahead");
    if (clock_chosen(c) == CLOCK_BY_VDSO && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used,
                 "; %" PRIu64 " programs had it, %" PRIu64 " could not, %" PRIu64
                 " waits were followed",
                 clock_programs(c), clock_missed(c), clock_waits(c));
}
