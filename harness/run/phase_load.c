#include <stdio.h>

#include "base/log.h"
#include "base/timing.h"
#include "run/crew.h"
#include "run/interrupt.h"
#include "run/phases.h"

#define DRAIN_PATIENCE (5 * NANOSECONDS_PER_SECOND)
#define LATE_PATIENCE  (30 * NANOSECONDS_PER_SECOND)

static void record_dropped(running *r, const crew *c)
{
    for (size_t i = 0; i < r->scenario->group_count; i++)
        if (crew_dropped(c, i) > 0)
            running_event(r, EVENT_DROPPED, crew_dropped(c, i), r->scenario->groups[i].name);
}

/* True when a threshold that ends the run is broken; says so once. */
static bool load_aborted(running *r, uint64_t elapsed)
{
    double value;
    char shown[32];
    char sentence[200];
    const threshold *t = r->watch != NULL ? abort_watch_broken(r->watch, elapsed, &value) : NULL;
    if (t == NULL)
        return false;
    snprintf(sentence, sizeof sentence, "%.100s: it was %s", t->text,
             threshold_show(t, value, shown));
    running_event(r, EVENT_ABORTED, (uint64_t)(t - r->scenario->thresholds) + 1, sentence);
    if (!r->options->live.quiet)
        log_line(LOG_WARNING, "the load ends early by threshold %s", sentence);
    return true;
}

/* On a busy machine the faults may be late: the load waits for the last of them, so that each is
 * tried as it was planned. */
static bool load_goes_on(uint64_t elapsed, uint64_t length, nemesis *n)
{
    return elapsed < length || (elapsed < length + LATE_PATIENCE && !nemesis_done(n));
}

static void watch_load(running *r, nemesis *n, uint64_t began, error *e)
{
    uint64_t length = scenario_real(r->scenario, r->scenario->duration);
    uint64_t elapsed = timing_now() - began;
    while (!interrupt_asked() && load_goes_on(elapsed, length, n) && !load_aborted(r, elapsed) &&
           !history_failed(r->history, e)) {
        timing_sleep(elapsed < length && length - elapsed < RUN_TICK ? length - elapsed : RUN_TICK);
        running_sample(r);
        history_flush(r->history, false);
        elapsed = timing_now() - began;
        running_show(r, n, "load", true, elapsed, length);
    }
}

bool phase_load(running *r, nemesis *n, error *e)
{
    r->watch = abort_watch_create(r->scenario);
    if (r->watch != NULL) {
        r->stage.watch = abort_watch_see;
        r->stage.watcher = r->watch;
    }
    resources_take(r->resources, running_target_pid(r));
    running_event(r, EVENT_LOAD_BEGIN, 0, "");
    crew *c = crew_start(r->plan, &r->stage, e);
    if (c != NULL) {
        nemesis_start(n);
        watch_load(r, n, crew_began(c), e);
        crew_finish(c, interrupt_asked() ? 0 : DRAIN_PATIENCE);
        record_dropped(r, c);
        crew_free(c);
        running_event(r, EVENT_LOAD_END, 0, "");
        resources_take(r->resources, running_target_pid(r));
    }
    r->stage.watch = NULL;
    abort_watch_free(r->watch);
    r->watch = NULL;
    return c != NULL;
}
