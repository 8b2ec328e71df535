#include "run/running.h"

#include <stdio.h>
#include <string.h>

#include "target/sampler.h"

void running_event_at(running *r, unsigned slot, event_type type, uint64_t value, bool planned,
                      const char *text)
{
    uint64_t now = history_now(r->history);
    history_record record = {
        .kind = RECORD_EVENT,
        .type = (uint8_t)type,
        .invoke = now,
        .finish = now,
        .value = value,
        .status = planned,
        .detail = history_name(r->history, text, strlen(text)),
    };
    history_append(r->history, slot, &record);
}

void running_event(running *r, event_type type, uint64_t value, const char *text)
{
    running_event_at(r, r->main_slot, type, value, false, text);
}

pid_t running_target_pid(const running *r)
{
    return r->supervisor != NULL ? supervisor_pid(r->supervisor) : (pid_t)r->scenario->target.pid;
}

void running_sample(running *r)
{
    resources_sample(r->resources, running_target_pid(r));
}

/* What can be seen broken while the run goes on; every other invariant needs the whole history. */
static live_invariant watch_invariant(running *r, const char *name)
{
    live_invariant one = {.name = name};
    if (strcmp(name, "read-integrity") == 0) {
        one.watched = true;
        one.broken = atomic_load(&r->stage.counters.failures[FAILURE_CONTENT]);
    } else if (strcmp(name, "process-hygiene") == 0) {
        one.watched = true;
        one.broken = atomic_load(&r->unplanned_exits);
    }
    return one;
}

void running_show(running *r, nemesis *n, const char *phase, bool timed, uint64_t elapsed,
                  uint64_t length)
{
    if (!live_due(r->live))
        return;
    const resource_sample *target = resources_seen(r->resources);
    live_state state = {
        .seed = r->scenario->seed,
        .phase = phase,
        .timed = timed,
        .elapsed = elapsed,
        .length = length,
        .counted = counters_read(&r->stage.counters),
        .at = history_now(r->history),
        .target_resident = target->resident,
        .target_processor = target->processor,
        .target_disk = target->disk,
        .target_threads = target->threads,
        .target_descriptors = target->descriptors,
        .target_temporary = target->temporary_files,
        .own_resident = sampler_own_resident(),
    };
    snprintf(state.scenario, sizeof state.scenario, "%s", r->scenario->name);
    nemesis_active(n, state.faults, sizeof state.faults);
    for (size_t i = 0; i < r->scenario->invariant_count && i < LIVE_INVARIANTS_MOST; i++)
        state.invariants[state.invariant_count++] =
            watch_invariant(r, r->scenario->invariants[i].judge->name);
    live_update(r->live, &state);
}
