#include "judges/register.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "history/record.h"

#define NO_STEP UINT32_MAX

/* One value: its write, and the bounds of the write and its reads. */
typedef struct {
    register_zone zone;
    uint32_t write;
    uint32_t next; /* the value that a conditional write put in its place; 0: none */
    bool linked;   /* it is such a value itself */
    bool read;
} cluster;

typedef struct {
    const register_step *steps;
    size_t count;
    cluster *clusters;
    uint32_t value_most;
    register_zone *zones;
    size_t zone_count;
    bool absence; /* something reads absence or needs it */
} work;

static const register_answer fits = {.kind = REGISTER_FITS};

static register_answer blame(register_kind kind, size_t count, const uint32_t *steps)
{
    register_answer answer = {.kind = kind};
    for (size_t i = 0; i < count && answer.step_count < REGISTER_STEPS_MOST; i++) {
        bool known = false;
        for (size_t k = 0; k < answer.step_count; k++)
            known = known || answer.steps[k] == steps[i];
        if (!known)
            answer.steps[answer.step_count++] = steps[i];
    }
    return answer;
}

static void widen(register_zone *zone, const register_step *step, uint32_t number)
{
    if (zone->first_step == NO_STEP || step->finish < zone->first_finish) {
        zone->first_finish = step->finish;
        zone->first_step = number;
    }
    if (zone->last_step == NO_STEP || step->invoke > zone->last_invoke) {
        zone->last_invoke = step->invoke;
        zone->last_step = number;
    }
}

static void gather(work *w)
{
    for (uint32_t v = 0; v <= w->value_most; v++)
        w->clusters[v] =
            (cluster){.write = NO_STEP, .zone = {.first_step = NO_STEP, .last_step = NO_STEP}};
    for (uint32_t i = 0; i < w->count; i++) {
        const register_step *step = &w->steps[i];
        cluster *c = &w->clusters[step->value];
        if (step->value == REGISTER_ABSENT) {
            w->absence = w->absence || !step->writes;
            /* A delete is no part of a block, but it may not happen inside one. */
            if (step->writes && step->finish != HISTORY_NEVER)
                w->zones[w->zone_count++] =
                    (register_zone){step->finish, step->invoke, i, i, false};
            continue;
        }
        if (step->writes) {
            CHECK(c->write == NO_STEP);
            c->write = i;
        } else {
            c->read = true;
        }
        widen(&c->zone, step, i);
    }
}

static register_answer check_reads(const work *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const register_step *read = &w->steps[i];
        if (read->writes || read->value == REGISTER_ABSENT)
            continue;
        uint32_t write = w->clusters[read->value].write;
        if (write == NO_STEP)
            return blame(REGISTER_UNWRITTEN, 1, &i);
        if (read->finish < w->steps[write].invoke)
            return blame(REGISTER_EARLY, 2, (uint32_t[]){write, i});
    }
    return fits;
}

/* An unknown write that nobody read, and that nothing seen depends on, may never have happened. */
static bool may_be_left_out(const work *w, uint32_t value)
{
    const cluster *c = &w->clusters[value];
    return c->write == NO_STEP ||
           (!c->read && c->next == 0 && w->steps[c->write].finish == HISTORY_NEVER);
}

/* Conditional writes join the value that they replaced. Links whose end may never have happened are
 * no links; dropping one may free the next, so go from the ends. */
static register_answer link_chains(work *w)
{
    for (uint32_t v = 1; v <= w->value_most; v++) {
        uint32_t at = v;
        while (at != 0 && !may_be_left_out(w, at)) {
            cluster *c = &w->clusters[at];
            uint32_t before = w->steps[c->write].expected;
            if (before == REGISTER_ANY || before == REGISTER_ABSENT || c->linked)
                break;
            cluster *previous = &w->clusters[before];
            if (previous->write == NO_STEP)
                return blame(REGISTER_UNWRITTEN, 1, &c->write);
            if (previous->next != 0)
                return blame(REGISTER_TWICE, 2,
                             (uint32_t[]){w->clusters[previous->next].write, c->write});
            previous->next = at;
            c->linked = true;
            at = before;
        }
    }
    return fits;
}

/* A chain's links one after another: no step of a later link may precede one of an earlier. */
static register_answer close_chain(work *w, uint32_t head)
{
    register_zone whole = w->clusters[head].zone;
    for (uint32_t v = w->clusters[head].next; v != 0; v = w->clusters[v].next) {
        const register_zone *link = &w->clusters[v].zone;
        if (link->first_finish < whole.last_invoke)
            return blame(REGISTER_CHAIN, 2, (uint32_t[]){link->first_step, whole.last_step});
        widen(&whole, &w->steps[link->first_step], link->first_step);
        widen(&whole, &w->steps[link->last_step], link->last_step);
    }
    whole.needs_absence = w->steps[w->clusters[head].write].expected == REGISTER_ABSENT;
    w->absence = w->absence || whole.needs_absence;
    w->zones[w->zone_count++] = whole;
    return fits;
}

static register_answer close_chains(work *w)
{
    uint32_t closed = 0;
    uint32_t linked = 0;
    for (uint32_t v = 1; v <= w->value_most; v++) {
        linked += w->clusters[v].linked;
        if (may_be_left_out(w, v) || w->clusters[v].linked)
            continue;
        register_answer answer = close_chain(w, v);
        if (answer.kind != REGISTER_FITS)
            return answer;
        for (uint32_t n = w->clusters[v].next; n != 0; n = w->clusters[n].next)
            closed++;
    }
    /* Links that no head reaches expect each other in a circle. */
    for (uint32_t v = 1; v <= w->value_most && closed != linked; v++)
        if (w->clusters[v].linked)
            return blame(REGISTER_CHAIN, 2,
                         (uint32_t[]){w->clusters[v].write,
                                      w->clusters[w->steps[w->clusters[v].write].expected].write});
    return fits;
}

static uint64_t zone_begin(const register_zone *z)
{
    return z->first_finish < z->last_invoke ? z->first_finish : z->last_invoke;
}

static int by_begin(const void *a, const void *b)
{
    uint64_t x = zone_begin(a);
    uint64_t y = zone_begin(b);
    return (x > y) - (x < y);
}

static bool conflict(const register_zone *a, const register_zone *b)
{
    return a->first_finish < b->last_invoke && b->first_finish < a->last_invoke;
}

static register_answer sweep(const work *w)
{
    const register_zone *reach = NULL; /* the forward zone that goes on longest so far */
    const register_zone *zones = w->zones;
    for (size_t i = 0; i < w->zone_count; i++) {
        const register_zone *now = &zones[i];
        if (reach != NULL && conflict(reach, now)) {
            bool forward = now->first_finish < now->last_invoke;
            uint32_t steps[] = {reach->first_step, now->first_step, now->last_step,
                                reach->last_step};
            return blame(forward ? REGISTER_SPLIT : REGISTER_INSIDE, 4, steps);
        }
        if (now->first_finish < now->last_invoke &&
            (reach == NULL || now->last_invoke > reach->last_invoke))
            reach = now;
    }
    return fits;
}

static register_answer judge_values(work *w)
{
    gather(w);
    register_answer answer = check_reads(w);
    if (answer.kind == REGISTER_FITS)
        answer = link_chains(w);
    if (answer.kind == REGISTER_FITS)
        answer = close_chains(w);
    if (answer.kind != REGISTER_FITS)
        return answer;
    qsort(w->zones, w->zone_count, sizeof *w->zones, by_begin);
    return sweep(w);
}

register_answer register_judge(const register_step *steps, size_t count, uint32_t value_most)
{
    CHECK(count < NO_STEP);
    work w = {.steps = steps, .count = count, .value_most = value_most};
    w.clusters = memory_take(((size_t)value_most + 1) * sizeof *w.clusters);
    w.zones = memory_take((count + value_most + 1) * sizeof *w.zones);
    register_answer answer = judge_values(&w);
    free(w.clusters);
    if (answer.kind == REGISTER_FITS && w.absence)
        answer = register_fit_absence(steps, count, w.zones, w.zone_count);
    free(w.zones);
    return answer;
}
