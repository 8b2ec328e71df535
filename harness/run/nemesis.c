#include "run/nemesis.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

/* How much longer than planned a fault may wait for its first bite, and how often it is asked. */
#define BITE_PATIENCE (3 * NANOSECONDS_PER_SECOND)
#define BITE_LOOK     (20 * NANOSECONDS_PER_MILLISECOND)

typedef struct {
    fault fault;
    bool usable;
    bool active;
    uint64_t heal_at; /* scenario time */
    uint64_t latest;  /* and no later than this, bitten or not */
} armed_fault;

struct nemesis {
    const plan *plan;
    const fault_site *site;
    history_writer *history;
    unsigned slot;
    armed_fault *faults; /* one per moment of the plan */
    uint64_t began;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    bool done;
};

static void record(nemesis *n, fault_record_type type, size_t moment, uint64_t hits,
                   const char *text)
{
    const fault_moment *m = &n->plan->moments[moment];
    const char *name = n->plan->scenario->faults[m->fault].fault.kind->name;
    uint64_t now = history_now(n->history);
    history_record r = {
        .kind = RECORD_FAULT,
        .type = (uint8_t)type,
        .key = history_name(n->history, name, strlen(name)),
        .sequence = (uint32_t)moment + 1,
        .invoke = now,
        .finish = now,
        .value = hits,
        .expected = m->fault,
        .detail = history_name(n->history, text, strlen(text)),
    };
    history_append(n->history, n->slot, &r);
}

static void record_error(nemesis *n, fault_record_type type, size_t moment, const error *e)
{
    char line[700];
    /* What this machine lacks is the same whatever directory the run has. */
    bool anywhere = type == FAULT_RECORD_SKIPPED && e->place[0] == '/';
    record(n, type, moment, 0, anywhere ? e->text : error_line(e, line, sizeof line));
}

/* One probe a declared fault; its moments share the answer. */
static void probe(nemesis *n, size_t moment)
{
    size_t which = n->plan->moments[moment].fault;
    for (size_t i = 0; i < moment; i++) {
        if (n->plan->moments[i].fault == which) {
            n->faults[moment].usable = n->faults[i].usable;
            return;
        }
    }
    error e = {0};
    armed_fault *a = &n->faults[moment];
    a->usable = a->fault.kind->probe(&a->fault, n->site, &e);
    if (a->usable)
        record(n, FAULT_RECORD_PROBED, moment, 0, "");
    else
        record_error(n, e.kind == ERROR_UNABLE ? FAULT_RECORD_SKIPPED : FAULT_RECORD_FAILED, moment,
                     &e);
}

nemesis *nemesis_create(const plan *p, const fault_site *site, history_writer *w, unsigned slot)
{
    nemesis *n = memory_zeroed(1, sizeof *n);
    n->plan = p;
    n->site = site;
    n->history = w;
    n->slot = slot;
    n->faults = memory_zeroed(p->moment_count, sizeof *n->faults);
    pthread_mutex_init(&n->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&n->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (size_t i = 0; i < p->moment_count; i++) {
        const fault_moment *m = &p->moments[i];
        n->faults[i].fault = p->scenario->faults[m->fault].fault;
        n->faults[i].fault.seed = m->seed;
        n->faults[i].fault.length = scenario_real(p->scenario, m->end - m->begin);
        probe(n, i);
    }
    return n;
}

/* Durability tells losses by power cut and by kill apart. */
static void record_power_cut(nemesis *n)
{
    uint64_t now = history_now(n->history);
    history_record r = {
        .kind = RECORD_EVENT, .type = EVENT_POWER_CUT, .invoke = now, .finish = now};
    history_append(n->history, n->slot, &r);
}

static void set_active(nemesis *n, size_t moment, bool active)
{
    pthread_mutex_lock(&n->lock);
    n->faults[moment].active = active;
    pthread_mutex_unlock(&n->lock);
}

/* Since the load began. */
static uint64_t scenario_now(const nemesis *n)
{
    return scenario_passed(n->plan->scenario, timing_now() - n->began);
}

static void begin(nemesis *n, size_t moment)
{
    armed_fault *a = &n->faults[moment];
    error e = {0};
    if (!a->usable)
        return;
    record(n, FAULT_RECORD_BEGIN, moment, 0, "");
    if (a->fault.kind->begin(&a->fault, n->site, &e)) {
        const fault_moment *m = &n->plan->moments[moment];
        uint64_t full = scenario_now(n) + (m->end - m->begin);
        a->heal_at = full > m->end ? full : m->end;
        a->latest = a->heal_at + scenario_passed(n->plan->scenario, BITE_PATIENCE);
        set_active(n, moment, true);
        if (a->fault.kind->needs & FAULT_NEEDS_LOG)
            record_power_cut(n);
        return;
    }
    a->usable = false;
    record_error(n, FAULT_RECORD_FAILED, moment, &e);
}

static void heal(nemesis *n, size_t moment)
{
    armed_fault *a = &n->faults[moment];
    error e = {0};
    if (!a->active)
        return;
    char text[200] = "";
    uint64_t hits = a->fault.kind->hits(&a->fault, n->site);
    if (a->fault.kind->tell != NULL)
        a->fault.kind->tell(&a->fault, n->site, text, sizeof text);
    bool healed = a->fault.kind->end(&a->fault, n->site, &e);
    set_active(n, moment, false);
    if (healed)
        record(n, FAULT_RECORD_END, moment, hits, text);
    else
        record_error(n, FAULT_RECORD_FAILED, moment, &e);
}

/* True when it was asked to stop before `at` of scenario time. */
static bool wait_until(nemesis *n, uint64_t at)
{
    uint64_t deadline = n->began + scenario_real(n->plan->scenario, at);
    struct timespec until = {.tv_sec = (time_t)(deadline / NANOSECONDS_PER_SECOND),
                             .tv_nsec = (long)(deadline % NANOSECONDS_PER_SECOND)};
    pthread_mutex_lock(&n->lock);
    while (!n->stop && timing_now() < deadline)
        pthread_cond_timedwait(&n->changed, &n->lock, &until);
    bool stop = n->stop;
    pthread_mutex_unlock(&n->lock);
    return stop;
}

/* The active fault that ends first; SIZE_MAX: none. */
static size_t next_to_heal(const nemesis *n)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n->plan->moment_count; i++)
        if (n->faults[i].active &&
            (best == SIZE_MAX || n->faults[i].heal_at < n->faults[best].heal_at))
            best = i;
    return best;
}

static unsigned needs_of(const nemesis *n, size_t moment)
{
    return n->faults[moment].fault.kind->needs;
}

/* Something that the plan has over by then is not, and both touch the same part of the target. */
static bool must_wait(const nemesis *n, size_t moment)
{
    bool waits = false;
    for (size_t i = 0; i < moment && !waits; i++)
        waits = n->faults[i].active && n->plan->moments[i].end <= n->plan->moments[moment].begin &&
                (needs_of(n, i) & needs_of(n, moment)) != 0;
    return waits;
}

/* Its time is over, unless it has not bitten yet and may stay a little longer. */
static void heal_or_stay(nemesis *n, size_t moment)
{
    armed_fault *a = &n->faults[moment];
    if (a->heal_at < a->latest && a->fault.kind->hits(&a->fault, n->site) == 0)
        a->heal_at += scenario_passed(n->plan->scenario, BITE_LOOK);
    else
        heal(n, moment);
}

static void *haunt(void *argument)
{
    nemesis *n = argument;
    const plan *p = n->plan;
    size_t next = 0;
    bool stop = false;
    while (!stop) {
        size_t healing = next_to_heal(n);
        bool begins = next < p->moment_count && !must_wait(n, next);
        if (!begins && healing == SIZE_MAX)
            break;
        bool heals_first = healing != SIZE_MAX &&
                           (!begins || n->faults[healing].heal_at <= p->moments[next].begin);
        stop = wait_until(n, heals_first ? n->faults[healing].heal_at : p->moments[next].begin);
        if (stop)
            break;
        if (heals_first)
            heal_or_stay(n, healing);
        else
            begin(n, next++);
    }
    for (size_t i = next_to_heal(n); i != SIZE_MAX; i = next_to_heal(n))
        heal(n, i);
    pthread_mutex_lock(&n->lock);
    n->done = true;
    pthread_mutex_unlock(&n->lock);
    return NULL;
}

void nemesis_start(nemesis *n)
{
    n->began = timing_now();
    n->started = true;
    CHECK(pthread_create(&n->thread, NULL, haunt, n) == 0);
}

bool nemesis_done(nemesis *n)
{
    pthread_mutex_lock(&n->lock);
    bool done = n->done;
    pthread_mutex_unlock(&n->lock);
    return done;
}

void nemesis_active(nemesis *n, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->plan->moment_count && used + 1 < size; i++) {
        if (!n->faults[i].active)
            continue;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                              n->faults[i].fault.kind->name);
        used += length > 0 ? (size_t)length : 0;
    }
    pthread_mutex_unlock(&n->lock);
}

void nemesis_finish(nemesis *n)
{
    if (n == NULL)
        return;
    pthread_mutex_lock(&n->lock);
    n->stop = true;
    pthread_cond_broadcast(&n->changed);
    pthread_mutex_unlock(&n->lock);
    if (n->started)
        CHECK(pthread_join(n->thread, NULL) == 0);
    pthread_mutex_destroy(&n->lock);
    pthread_cond_destroy(&n->changed);
    free(n->faults);
    free(n);
}
