#include "plan/plan.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"

#define COUNTED_MOST 1e6 /* arrivals that a print counts one by one */

static int by_begin(const void *a, const void *b)
{
    const fault_moment *x = a;
    const fault_moment *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->fault > y->fault) - (x->fault < y->fault);
}

static size_t times_of(const planned_fault *f, uint64_t duration)
{
    return f->every == 0 ? 1 : (size_t)((duration - f->length - f->until_at) / f->every + 1);
}

static void plan_faults(plan *p)
{
    const scenario *s = p->scenario;
    size_t most = 0;
    for (size_t i = 0; i < s->fault_count; i++)
        most += times_of(&s->faults[i], s->duration);
    p->moments = memory_zeroed(most, sizeof *p->moments);
    for (size_t i = 0; i < s->fault_count; i++) {
        const planned_fault *f = &s->faults[i];
        random_stream r = random_named(s->seed, "fault/%zu/%s", i, f->fault.kind->name);
        uint64_t first = random_between(&r, f->at, f->until_at);
        for (size_t n = 0; n < times_of(f, s->duration); n++) {
            uint64_t begin = first + n * f->every;
            p->moments[p->moment_count++] =
                (fault_moment){begin, begin + f->length, i, random_bits(&r)};
        }
    }
    qsort(p->moments, p->moment_count, sizeof *p->moments, by_begin);
}

static void plan_clients(plan *p)
{
    const scenario *s = p->scenario;
    p->clients = memory_zeroed((size_t)scenario_client_count(s), sizeof *p->clients);
    for (size_t g = 0; g < s->group_count; g++)
        for (uint64_t i = 0; i < s->groups[g].count; i++, p->client_count++)
            p->clients[p->client_count] = (planned_client){(uint32_t)p->client_count + 1, g};
}

plan *plan_make(const scenario *s)
{
    plan *p = memory_zeroed(1, sizeof *p);
    p->scenario = s;
    plan_clients(p);
    plan_faults(p);
    return p;
}

void plan_free(plan *p)
{
    if (p == NULL)
        return;
    free(p->clients);
    free(p->moments);
    free(p);
}

random_stream plan_client_stream(const scenario *s, uint32_t number)
{
    return random_named(s->seed, "client/%" PRIu32, number);
}

random_stream plan_arrival_stream(const scenario *s, uint32_t number)
{
    return random_named(s->seed, "arrivals/%" PRIu32, number);
}

/* A client goes through its stages with one stream, so the stages before count as well. */
static uint64_t arrivals_of(const plan *p, size_t index, size_t stage)
{
    const client_group *g = &p->scenario->groups[p->clients[index].group];
    random_stream r = plan_arrival_stream(p->scenario, p->clients[index].number);
    uint64_t count = 0;
    for (size_t i = 0; i <= stage; i++) {
        const arrival *a = &g->stages[i];
        count = 0;
        if (!arrival_is_open(a))
            continue;
        for (uint64_t at = arrival_next(a, a->begin, g->count, &r); at < a->end;
             at = arrival_next(a, at, g->count, &r))
            count++;
    }
    return count;
}

uint64_t plan_arrivals(const plan *p, size_t group, size_t stage)
{
    uint64_t count = 0;
    for (size_t i = 0; i < p->client_count; i++)
        if (p->clients[i].group == group)
            count += arrivals_of(p, i, stage);
    return count;
}

static void print_values(buffer *out, const parameter *rows, size_t count,
                         const parameter_value *values)
{
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, " %s=%s", rows[i].name, values[i].text);
}

static void print_stage(const plan *p, size_t group, size_t stage, buffer *out)
{
    const arrival *a = &p->scenario->groups[group].stages[stage];
    buffer_printf(out, "  stage from=%" PRIu64 "ns until=%" PRIu64 "ns arrival=%s", a->begin,
                  a->end, arrival_names[a->form]);
    if (!arrival_is_open(a)) {
        buffer_printf(out, " think=%" PRIu64 "ns clients=%" PRIu64 "..%" PRIu64 "\n", a->think,
                      a->clients, a->clients_end);
        return;
    }
    buffer_printf(out, " rate=%g", a->rate);
    if (a->form >= ARRIVAL_RAMP)
        buffer_printf(out, "..%g", a->rate_end);
    if (a->form >= ARRIVAL_DIURNAL)
        buffer_printf(out, " period=%" PRIu64 "ns", a->period);
    double highest = a->rate > a->rate_end ? a->rate : a->rate_end;
    if (highest * (double)(a->end - a->begin) / (double)NANOSECONDS_PER_SECOND < COUNTED_MOST)
        buffer_printf(out, " arrivals=%" PRIu64, plan_arrivals(p, group, stage));
    buffer_text_append(out, "\n");
}

static void print_groups(const plan *p, buffer *out)
{
    const scenario *s = p->scenario;
    for (size_t g = 0; g < s->group_count; g++) {
        buffer_printf(out, "group %s behaviour=%s count=%" PRIu64 "\n", s->groups[g].name,
                      s->groups[g].behaviour->name, s->groups[g].count);
        for (size_t i = 0; i < s->groups[g].stage_count; i++)
            print_stage(p, g, i, out);
    }
}

static void print_clients(const plan *p, buffer *out)
{
    const scenario *s = p->scenario;
    for (size_t i = 0; i < p->client_count; i++) {
        const client_group *g = &s->groups[p->clients[i].group];
        random_stream r = plan_client_stream(s, p->clients[i].number);
        buffer_printf(out, "client %" PRIu32 " %s stream=%016" PRIx64, p->clients[i].number,
                      g->name, random_bits(&r));
        print_values(out, g->behaviour->parameters, g->behaviour->parameter_count, g->values);
        buffer_text_append(out, "\n");
    }
}

static void print_faults(const plan *p, buffer *out)
{
    const scenario *s = p->scenario;
    for (size_t i = 0; i < p->moment_count; i++) {
        const fault_moment *m = &p->moments[i];
        const fault *f = &s->faults[m->fault].fault;
        buffer_printf(out, "fault %s begin=%" PRIu64 "ns end=%" PRIu64 "ns seed=%016" PRIx64,
                      f->kind->name, m->begin, m->end, m->seed);
        print_values(out, f->kind->parameters, f->kind->parameter_count, f->values);
        buffer_text_append(out, "\n");
    }
}

void plan_print(const plan *p, buffer *out)
{
    const scenario *s = p->scenario;
    buffer_printf(out, "plan of %s, seed %" PRIu64 "\n", s->name, s->seed);
    buffer_printf(out, "target %s by driver %s\n", s->target.name, s->target.driver->name);
    buffer_printf(out,
                  "load %" PRIu64 "ns, then quiet within %" PRIu64 "ns, then idle %" PRIu64
                  "ns; an operation may take %" PRIu64 "ns\n",
                  s->duration, s->quiet, s->idle, s->operation_timeout);
    buffer_printf(out,
                  "names %" PRIu64 " shared, %" PRIu64 " of each client; sizes up to %" PRIu64
                  "; clock rate %g\n",
                  s->data.keys, s->data.keys_per_client, s->data.sizes.most, s->clock_rate);
    print_groups(p, out);
    print_clients(p, out);
    print_faults(p, out);
    for (size_t i = 0; i < s->invariant_count; i++) {
        const judge *j = s->invariants[i].judge;
        buffer_printf(out, "invariant %s", j->name);
        print_values(out, j->parameters, j->parameter_count, s->invariants[i].values);
        buffer_text_append(out, "\n");
    }
    for (size_t i = 0; i < s->threshold_count; i++) {
        const threshold *t = &s->thresholds[i];
        buffer_printf(out, "threshold %s", t->text);
        if (t->abort)
            buffer_printf(out, ", ends the run when broken after %" PRIu64 "ns", t->after);
        buffer_text_append(out, "\n");
    }
}
