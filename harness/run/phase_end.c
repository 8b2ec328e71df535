#include "base/timing.h"
#include "client/admin.h"
#include "client/files.h"
#include "run/crew.h"
#include "run/interrupt.h"
#include "run/phases.h"

#define STEADY_IN_A_ROW 10
#define COUNTS_PATIENCE (2 * NANOSECONDS_PER_SECOND)
#define FINAL_TRIES     3
/* So many names in a row that cannot be read: the others will not be either. */
#define FINAL_UNREAD 20

static void count_good(client *c, void *argument)
{
    int *in_a_row = argument;
    seen answer = client_ready(c);
    *in_a_row = answer.outcome == OUTCOME_OK && answer.size == 1 ? *in_a_row + 1 : 0;
}

/* A driver without a readiness question is asked for a name that nobody writes. */
static void count_answered(client *c, void *argument)
{
    int *in_a_row = argument;
    *in_a_row = client_get(c, 0).outcome == OUTCOME_OK ? *in_a_row + 1 : 0;
}

static bool errand(running *r, uint8_t flags, void (*body)(client *c, void *argument),
                   void *argument, error *e)
{
    return crew_errand(&r->stage, r->scenario, r->main_slot, ++r->errand_client, flags, body,
                       argument, e);
}

static void settle(client *c, void *argument)
{
    const client_group *group = argument;
    c->values = group->values;
    group->behaviour->settle(c);
}

static bool settle_groups(running *r, error *e)
{
    for (size_t i = 0; i < r->scenario->group_count && !interrupt_asked(); i++) {
        client_group *group = &r->scenario->groups[i];
        if (group->behaviour->settle != NULL && !errand(r, FLAG_FINAL, settle, group, e))
            return false;
    }
    return true;
}

static bool wait_quiet(running *r, nemesis *n, bool *steady, error *e)
{
    uint64_t began = timing_now();
    uint64_t within = r->scenario->quiet;
    int in_a_row = 0;
    bool asks = r->scenario->target.driver->ready != NULL;
    while (!interrupt_asked() && in_a_row < STEADY_IN_A_ROW && timing_now() - began < within) {
        if (!errand(r, 0, asks ? count_good : count_answered, &in_a_row, e))
            return false;
        if (in_a_row == 0)
            timing_sleep(RUN_TICK);
        running_sample(r);
        running_show(r, n, "quiet", true, timing_now() - began, within);
    }
    *steady = in_a_row >= STEADY_IN_A_ROW;
    if (!interrupt_asked())
        running_event(r, *steady ? EVENT_QUIET : EVENT_QUIET_FAILED, timing_now() - began,
                      *steady ? "" : "it did not answer ten times in a row");
    return true;
}

typedef struct {
    running *run;
    nemesis *nemesis;
    uint64_t began;
} final_reads;

static bool read_one(client *c, size_t index)
{
    for (int tries = 0; tries < FINAL_TRIES; tries++) {
        if (client_get(c, index).outcome == OUTCOME_OK)
            return true;
        lane_sleep(c->lane, RUN_TICK);
    }
    return false;
}

static void read_finally(client *c, void *argument)
{
    final_reads *f = argument;
    running *r = f->run;
    size_t count = keyspace_count(r->stage.keys);
    int unread = 0;
    for (size_t i = 0; i < count && unread < FINAL_UNREAD && !interrupt_asked(); i++) {
        if (!keyspace_touched(r->stage.keys, i))
            continue;
        unread = read_one(c, i) ? 0 : unread + 1;
        running_sample(r);
        running_show(r, f->nemesis, "final", false, i, count);
    }
    if (unread == FINAL_UNREAD)
        running_event(r, EVENT_NOTE, 0,
                      "the final reads were given up: name after name was not answered");
}

static void take_counts(client *c, void *argument)
{
    bool *taken = argument;
    *taken = client_take_counts(c);
}

/* An answer is counted a moment after it was sent. Counters that cannot be had are the judge's
 * business. */
static bool record_counts(running *r, error *e)
{
    bool taken = false;
    uint64_t began = timing_now();
    while (!taken && !interrupt_asked() && timing_now() - began < COUNTS_PATIENCE) {
        if (!errand(r, 0, take_counts, &taken, e))
            return false;
        if (!taken)
            timing_sleep(RUN_TICK);
    }
    return true;
}

static void stay_idle(running *r, nemesis *n)
{
    uint64_t began = timing_now();
    uint64_t length = r->scenario->idle;
    while (!interrupt_asked() && timing_now() - began < length) {
        timing_sleep(RUN_TICK);
        running_sample(r);
        running_show(r, n, "idle", true, timing_now() - began, length);
    }
    resources_take(r->resources, running_target_pid(r));
}

bool phase_end(running *r, nemesis *n, error *e)
{
    bool steady = false;
    if (!wait_quiet(r, n, &steady, e))
        return false;
    if (interrupt_asked() || !steady)
        return true;
    running_event(r, EVENT_FINAL_READS, 0, "");
    final_reads reads = {.run = r, .nemesis = n, .began = timing_now()};
    bool fine = errand(r, FLAG_FINAL, read_finally, &reads, e) && settle_groups(r, e);
    if (fine)
        stay_idle(r, n);
    return fine && (r->supervisor == NULL || record_counts(r, e));
}
