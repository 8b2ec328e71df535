#include "run/resources.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"

#define SAMPLE_PAUSE (500 * NANOSECONDS_PER_MILLISECOND)

struct resources {
    sampler *sampler;
    history_writer *history;
    unsigned slot;
    uint64_t own_bound;
    uint64_t last;
    resource_sample seen;
};

resources *resources_create(const char *data_directory, history_writer *w, unsigned slot,
                            uint64_t own_bound)
{
    resources *r = memory_zeroed(1, sizeof *r);
    r->sampler = sampler_create(data_directory);
    r->history = w;
    r->slot = slot;
    r->own_bound = own_bound;
    return r;
}

void resources_free(resources *r)
{
    if (r == NULL)
        return;
    sampler_destroy(r->sampler);
    free(r);
}

static void sample_own(resources *r)
{
    uint64_t at = history_now(r->history);
    history_record record = {
        .kind = RECORD_EVENT,
        .type = EVENT_OWN_MEMORY,
        .invoke = at,
        .finish = at,
        .value = sampler_own_resident(),
        .size = r->own_bound,
    };
    history_append(r->history, r->slot, &record);
}

static void sample_target(resources *r, pid_t pid)
{
    resource_sample taken;
    if (!sampler_take(r->sampler, pid, &taken))
        return;
    r->seen = taken;
    uint64_t at = history_now(r->history);
    history_record record = {
        .kind = RECORD_SAMPLE,
        .invoke = at,
        .finish = at,
        .value = taken.resident,
        .size = taken.processor,
        .expected = taken.disk,
        .version = taken.threads,
        .detail = taken.descriptors,
        .sequence = taken.processes,
        .client = taken.temporary_files,
        .late = taken.proportional,
    };
    history_append(r->history, r->slot, &record);
}

static void sample(resources *r, pid_t pid)
{
    r->last = timing_now();
    sample_own(r);
    if (pid > 0)
        sample_target(r, pid);
}

void resources_take(resources *r, pid_t pid)
{
    sampler_scan_next(r->sampler);
    sample(r, pid);
}

void resources_sample(resources *r, pid_t pid)
{
    if (timing_now() - r->last >= SAMPLE_PAUSE)
        sample(r, pid);
}

const resource_sample *resources_seen(const resources *r)
{
    return &r->seen;
}
