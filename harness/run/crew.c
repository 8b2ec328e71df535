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
/* Nobody there: real clients wait a little before they try again, and a closed loop that did not
 * would turn the length of an outage into a number of errors that depends on the machine's speed.
 */
#define REFUSED_PAUSE (100 * NANOSECONDS_PER_MILLISECOND)
/* An open-loop client that is this far behind skips arrivals, and counts them. */
#define LATE_MOST (5 * NANOSECONDS_PER_SECOND)

typedef struct {
    crew *crew;
    const client_group *group;
    size_t group_index;
    client client;
    uint64_t last_arrival; /* since the load began */
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

/* --- one client --- */

static bool has_left(const member *m, uint64_t now)
{
    return client_over(&m->client) ||
           (m->group->until > 0 && now - m->crew->began >= m->group->until);
}

static void work_closed(member *m)
{
    client *c = &m->client;
    uint64_t think = m->group->arrival.think;
    while (!has_left(m, timing_now())) {
        m->group->behaviour->turn(c);
        if (c->refused)
            client_pause(c, REFUSED_PAUSE);
        if (think > 0)
            client_pause(c, (uint64_t)random_exponential(&c->random, (double)think));
    }
}

/* Waits for the next intended start; skips those that are too long ago. False when the load ends
 * first. */
static bool next_arrival(member *m)
{
    client *c = &m->client;
    const scenario *s = m->crew->plan->scenario;
    uint64_t length = s->duration;
    for (;;) {
        m->last_arrival =
            arrival_next(&m->group->arrival, m->last_arrival, length, m->group->count, &c->random);
        if (m->last_arrival >= length)
            return false;
        uint64_t intended = m->crew->began + m->last_arrival;
        uint64_t now = timing_now();
        if (now < intended) {
            lane_sleep_until(c->lane, intended);
            now = timing_now();
        }
        if (now < intended + LATE_MOST) {
            c->late = now > intended ? now - intended : 0;
            return true;
        }
        atomic_fetch_add(&m->crew->dropped[m->group_index], 1);
    }
}

static void work_open(member *m)
{
    while (!has_left(m, timing_now()) && next_arrival(m) && !has_left(m, timing_now()))
        m->group->behaviour->turn(&m->client);
}

static void live(loop_lane *lane, void *argument)
{
    member *m = argument;
    m->client.lane = lane;
    if (m->group->from > 0)
        lane_sleep_until(lane, m->crew->began + m->group->from);
    atomic_fetch_add(&m->crew->stage->counters.clients, 1);
    m->client.memory = memory_zeroed(1, m->group->behaviour->memory_size);
    m->last_arrival = m->group->from;
    if (arrival_is_open(&m->group->arrival))
        work_open(m);
    else
        work_closed(m);
    free(m->client.memory);
    atomic_fetch_sub(&m->crew->stage->counters.clients, 1);
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

static void enlist(crew *c, size_t index)
{
    const plan *p = c->plan;
    const scenario *s = p->scenario;
    member *m = &c->members[index];
    unsigned slot = (unsigned)(index % c->worker_count);
    *m = (member){.crew = c,
                  .group = &s->groups[p->clients[index].group],
                  .group_index = p->clients[index].group};
    m->client = (client){
        .stage = c->stage,
        .slot = slot,
        .number = p->clients[index].number,
        .random = plan_client_stream(s, p->clients[index].number),
        .values = m->group->values,
    };
    CHECK(loop_start(c->workers[slot].loop, live, m) != NULL);
}

static void free_crew(crew *c)
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
            free_crew(c);
            return NULL;
        }
    }
    c->began = timing_now();
    for (size_t i = 0; i < p->client_count; i++)
        enlist(c, i);
    c->running = c->worker_count;
    for (unsigned i = 0; i < c->worker_count; i++)
        CHECK(pthread_create(&c->workers[i].thread, NULL, work, &c->workers[i]) == 0);
    return c;
}

void crew_finish(crew *c, uint64_t patience)
{
    atomic_store(&c->stage->load_over, true);
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
    free_crew(c);
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
