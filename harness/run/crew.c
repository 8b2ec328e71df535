#include "run/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

#define CLIENTS_PER_WORKER 600
#define WORKERS_MOST       2
#define STACK_SIZE         ((size_t)48 * 1024)
/* Measured, with a margin: the process with its libraries, history, figures and judges' orders; a
 * name in the history's table. */
#define OWN_MEMORY  ((uint64_t)64 << 20)
#define NAME_MEMORY ((uint64_t)160)
/* Nobody there: real clients wait before they try again, longer from time to time, and a closed
 * loop that did not would turn the length of an outage into a number of errors that depends on the
 * machine's speed. */
#define REFUSED_PAUSE      (100 * NANOSECONDS_PER_MILLISECOND)
#define REFUSED_PAUSE_MOST (4 * REFUSED_PAUSE)
/* Thousands who connect and write in one moment are a storm that no server of this size answers in
 * time, and that nobody asked for: a closed group's clients begin one after the other, over one
 * think time, and never slower than this. */
#define STEP_MOST             (4 * NANOSECONDS_PER_MILLISECOND)
#define STEP_WITHOUT_THINKING NANOSECONDS_PER_MILLISECOND
/* An open-loop client that is this far behind skips arrivals, and counts them. */
#define LATE_MOST (5 * NANOSECONDS_PER_SECOND)

typedef struct {
    crew *crew;
    const client_group *group;
    size_t group_index;
    uint64_t rank; /* within the group, from 0 */
    random_stream arrivals;
    uint64_t refused_pause; /* before the next try; 0: somebody was there */
    client client;
} member;

typedef struct {
    crew *crew;
    loop *loop;
    pthread_t thread;
    bool running;
} worker;

struct crew {
    const plan *plan;
    stage *stage;
    uint64_t began;
    atomic_uint_fast64_t length; /* of the load, once it is over */
    member *members;
    worker workers[WORKERS_MOST];
    unsigned worker_count;
    atomic_uint_fast64_t *dropped;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned running;
};

unsigned crew_workers(const plan *p)
{
    unsigned wanted = (unsigned)(p->client_count / CLIENTS_PER_WORKER + 1);
    return wanted < WORKERS_MOST ? wanted : WORKERS_MOST;
}

uint64_t crew_memory(const plan *p)
{
    const data_shape *d = &p->scenario->data;
    uint64_t names = d->keys + d->keys_per_client * p->client_count;
    unsigned workers = crew_workers(p);
    return OWN_MEMORY + names * NAME_MEMORY +
           workers * loop_memory(p->client_count / workers + 1, STACK_SIZE);
}

/* --- one client --- */

/* Of the scenario, since the load began; as all moments of arrivals are. */
static uint64_t load_time(const crew *c)
{
    return scenario_passed(c->plan->scenario, timing_now() - c->began);
}

static void sleep_until(member *m, uint64_t at)
{
    uint64_t wake = m->crew->began + scenario_real(m->crew->plan->scenario, at);
    if (!client_over(&m->client) && timing_now() < wake)
        lane_sleep_until(m->client.lane, wake);
}

static void pause_until(member *m, uint64_t length, uint64_t latest)
{
    uint64_t wake = load_time(m->crew) + length;
    sleep_until(m, wake < latest ? wake : latest);
}

/* Of scenario time: how long after the group this client begins. */
static uint64_t begins_after(const member *m, const arrival *a)
{
    const scenario *s = m->crew->plan->scenario;
    uint64_t step =
        a->think > 0 ? scenario_real(s, a->think) / m->group->count : STEP_WITHOUT_THINKING;
    return scenario_passed(s, m->rank * (step < STEP_MOST ? step : STEP_MOST));
}

static void pause_if_refused(member *m, uint64_t until)
{
    if (!m->client.refused) {
        m->refused_pause = 0;
        return;
    }
    uint64_t longer = m->refused_pause > 0 ? 2 * m->refused_pause : REFUSED_PAUSE;
    m->refused_pause = longer < REFUSED_PAUSE_MOST ? longer : REFUSED_PAUSE_MOST;
    pause_until(m, scenario_passed(m->crew->plan->scenario, m->refused_pause), until);
}

static void work_closed(member *m, const arrival *a)
{
    client *c = &m->client;
    uint64_t from;
    uint64_t until;
    arrival_presence(a, m->rank, &from, &until);
    /* Who stays to the end stays until crew_finish says that it is there. */
    if (until >= m->crew->plan->scenario->duration)
        until = UINT64_MAX;
    bool first = a == m->group->stages && from == a->begin;
    sleep_until(m, from + (first ? begins_after(m, a) : 0));
    c->late = 0;
    atomic_fetch_add(&m->crew->stage->counters.clients, 1);
    while (!client_over(c) && load_time(m->crew) < until) {
        m->group->behaviour->turn(c);
        pause_if_refused(m, until);
        if (a->think > 0)
            pause_until(m, (uint64_t)random_exponential(&c->random, (double)a->think), until);
    }
    atomic_fetch_sub(&m->crew->stage->counters.clients, 1);
}

/* False, and counted, for an intended start that can be made no more. */
static bool in_time(member *m, uint64_t at)
{
    uint64_t since = timing_now() - m->crew->began;
    uint64_t intended = scenario_real(m->crew->plan->scenario, at);
    m->client.late = since > intended ? since - intended : 0;
    if (!client_over(&m->client) && m->client.late < LATE_MOST)
        return true;
    atomic_fetch_add(&m->crew->dropped[m->group_index], 1);
    atomic_fetch_add(&m->crew->stage->counters.dropped, 1);
    return false;
}

/* Also after the load's end, to count those that were due and not made. */
static void work_open(member *m, const arrival *a)
{
    uint64_t share = m->group->count;
    sleep_until(m, a->begin);
    atomic_fetch_add(&m->crew->stage->counters.clients, 1);
    for (uint64_t at = arrival_next(a, a->begin, share, &m->arrivals); at < a->end;
         at = arrival_next(a, at, share, &m->arrivals)) {
        sleep_until(m, at);
        if (at >= atomic_load(&m->crew->length))
            break;
        if (in_time(m, at))
            m->group->behaviour->turn(&m->client);
    }
    atomic_fetch_sub(&m->crew->stage->counters.clients, 1);
}

static void live(loop_lane *lane, void *argument)
{
    member *m = argument;
    m->client.lane = lane;
    m->client.memory = memory_zeroed(1, m->group->behaviour->memory_size);
    for (size_t i = 0; i < m->group->stage_count; i++) {
        const arrival *a = &m->group->stages[i];
        if (arrival_is_open(a))
            work_open(m, a);
        else
            work_closed(m, a);
    }
    free(m->client.memory);
}

/* --- the threads --- */

static void *work(void *argument)
{
    worker *w = argument;
    loop_run(w->loop);
    pthread_mutex_lock(&w->crew->lock);
    w->crew->running--;
    pthread_cond_broadcast(&w->crew->ended);
    pthread_mutex_unlock(&w->crew->lock);
    return NULL;
}

static void enlist(crew *c, size_t index, uint64_t rank)
{
    const plan *p = c->plan;
    const scenario *s = p->scenario;
    member *m = &c->members[index];
    unsigned slot = (unsigned)(index % c->worker_count);
    *m = (member){.crew = c,
                  .group = &s->groups[p->clients[index].group],
                  .group_index = p->clients[index].group,
                  .rank = rank,
                  .arrivals = plan_arrival_stream(s, p->clients[index].number)};
    m->client = (client){
        .stage = c->stage,
        .slot = slot,
        .number = p->clients[index].number,
        .random = plan_client_stream(s, p->clients[index].number),
        .values = m->group->values,
    };
    CHECK(loop_start(c->workers[slot].loop, live, m) != NULL);
}

void crew_free(crew *c)
{
    for (unsigned i = 0; i < c->worker_count; i++)
        loop_destroy(c->workers[i].loop);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->ended);
    free(c->members);
    free(c->dropped);
    free(c);
}

crew *crew_start(const plan *p, stage *st, error *e)
{
    crew *c = memory_zeroed(1, sizeof *c);
    c->plan = p;
    c->stage = st;
    c->members = memory_zeroed(p->client_count, sizeof *c->members);
    c->dropped = memory_zeroed(p->scenario->group_count, sizeof *c->dropped);
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&c->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    unsigned wanted = crew_workers(p);
    CHECK(wanted > 0);
    for (; c->worker_count < wanted; c->worker_count++) {
        worker *w = &c->workers[c->worker_count];
        w->crew = c;
        w->loop = loop_create(p->client_count / wanted + 1, STACK_SIZE, e);
        if (w->loop == NULL) {
            crew_free(c);
            return NULL;
        }
    }
    uint64_t rank = 0;
    for (size_t i = 0; i < p->client_count; i++, rank++) {
        if (i > 0 && p->clients[i].group != p->clients[i - 1].group)
            rank = 0;
        enlist(c, i, rank);
    }
    c->began = timing_now();
    atomic_store(&c->length, UINT64_MAX);
    c->running = c->worker_count;
    for (unsigned i = 0; i < c->worker_count; i++)
        CHECK(pthread_create(&c->workers[i].thread, NULL, work, &c->workers[i]) == 0);
    return c;
}

void crew_finish(crew *c, uint64_t patience)
{
    atomic_store(&c->length, load_time(c));
    atomic_store(&c->stage->load_over, true);
    for (unsigned i = 0; i < c->worker_count; i++)
        loop_hurry(c->workers[i].loop);
    uint64_t deadline = timing_now() + patience;
    struct timespec until = {.tv_sec = (time_t)(deadline / NANOSECONDS_PER_SECOND),
                             .tv_nsec = (long)(deadline % NANOSECONDS_PER_SECOND)};
    pthread_mutex_lock(&c->lock);
    while (c->running > 0 && pthread_cond_timedwait(&c->ended, &c->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->worker_count; i++)
        loop_stop(c->workers[i].loop);
    for (unsigned i = 0; i < c->worker_count; i++)
        CHECK(pthread_join(c->workers[i].thread, NULL) == 0);
}

uint64_t crew_began(const crew *c)
{
    return c->began;
}

uint64_t crew_dropped(const crew *c, size_t group)
{
    return atomic_load(&c->dropped[group]);
}

/* --- errands --- */

typedef struct {
    client client;
    void (*body)(client *c, void *argument);
    void *argument;
} errand;

static void run_errand(loop_lane *lane, void *argument)
{
    errand *job = argument;
    job->client.lane = lane;
    job->body(&job->client, job->argument);
}

bool crew_errand(stage *st, const scenario *s, unsigned slot, uint32_t number, uint8_t flags,
                 void (*body)(client *c, void *argument), void *argument, error *e)
{
    loop *l = loop_create(1, STACK_SIZE, e);
    if (l == NULL)
        return false;
    errand job = {.body = body, .argument = argument};
    job.client = (client){.stage = st,
                          .slot = slot,
                          .number = number,
                          .random = plan_client_stream(s, number),
                          .flags = flags};
    CHECK(loop_start(l, run_errand, &job) != NULL);
    loop_run(l);
    loop_destroy(l);
    return true;
}
