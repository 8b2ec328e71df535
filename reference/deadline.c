#include "deadline.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

/* The kernel's TCP_CLOSE_WAIT, which only netinet/tcp.h names; that cannot stand beside
 * linux/tcp.h. */
#define CLOSED_BY_CLIENT 8
#define LOOK_EVERY       (NANOSECONDS_PER_SECOND / 4)

struct watched {
    watched *before;
    watched *next;
    int fd;
    atomic_bool in_work;
    atomic_bool rests;
    atomic_bool ended; /* since the last look: count anew from there */
    bool closed;
    uint64_t since;
    uint64_t received;
    uint64_t acknowledged;
};

struct deadline {
    uint64_t grace;
    uint64_t least_rate;
    pthread_mutex_t lock;
    pthread_cond_t closing_now;
    bool closing;
    watched *first;
    pthread_t thread;
    atomic_uint_fast64_t count;
};

static bool ask(int fd, struct tcp_info *info)
{
    socklen_t size = sizeof *info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

static void look_at(deadline *d, watched *w, uint64_t now)
{
    struct tcp_info info = {0};
    if (w->closed || !ask(w->fd, &info))
        return;
    /* Wakes libmicrohttpd; what is still unread stays readable. */
    if (info.tcpi_state == CLOSED_BY_CLIENT)
        shutdown(w->fd, SHUT_RD);
    uint64_t received = info.tcpi_bytes_received;
    uint64_t acknowledged = info.tcpi_bytes_acked;
    bool in_work = atomic_load(&w->in_work);
    bool fresh = atomic_exchange(&w->ended, false) || atomic_load(&w->rests) ||
                 (!in_work && received == w->received);
    if (fresh) {
        w->since = now;
        w->received = received;
        w->acknowledged = acknowledged;
        return;
    }
    uint64_t moved = received - w->received + (in_work ? acknowledged - w->acknowledged : 0);
    if ((now - w->since) / NANOSECONDS_PER_SECOND <= d->grace + moved / d->least_rate)
        return;
    w->closed = true;
    atomic_fetch_add(&d->count, 1);
    /* Not closed here: libmicrohttpd sees the end and closes its own descriptor. */
    shutdown(w->fd, SHUT_RDWR);
}

static void *look_on(void *argument)
{
    deadline *d = argument;
    pthread_mutex_lock(&d->lock);
    while (!d->closing) {
        uint64_t at = timing_now() + LOOK_EVERY;
        struct timespec until = {.tv_sec = (time_t)(at / NANOSECONDS_PER_SECOND),
                                 .tv_nsec = (long)(at % NANOSECONDS_PER_SECOND)};
        pthread_cond_timedwait(&d->closing_now, &d->lock, &until);
        uint64_t now = timing_now();
        for (watched *w = d->first; w != NULL; w = w->next)
            look_at(d, w, now);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

deadline *deadline_open(uint64_t grace_seconds, uint64_t least_rate)
{
    CHECK(least_rate > 0);
    deadline *d = memory_zeroed(1, sizeof *d);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    d->grace = grace_seconds;
    d->least_rate = least_rate;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->closing_now, &monotonic);
    pthread_condattr_destroy(&monotonic);
    CHECK(pthread_create(&d->thread, NULL, look_on, d) == 0);
    return d;
}

void deadline_close(deadline *d)
{
    pthread_mutex_lock(&d->lock);
    CHECK(d->first == NULL);
    d->closing = true;
    pthread_cond_signal(&d->closing_now);
    pthread_mutex_unlock(&d->lock);
    CHECK(pthread_join(d->thread, NULL) == 0);
    pthread_cond_destroy(&d->closing_now);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

watched *deadline_watch(deadline *d, int fd)
{
    watched *w = memory_zeroed(1, sizeof *w);
    w->fd = fd;
    w->since = timing_now();
    pthread_mutex_lock(&d->lock);
    w->next = d->first;
    if (d->first != NULL)
        d->first->before = w;
    d->first = w;
    pthread_mutex_unlock(&d->lock);
    return w;
}

void deadline_forget(deadline *d, watched *w)
{
    pthread_mutex_lock(&d->lock);
    if (w->before != NULL)
        w->before->next = w->next;
    else
        d->first = w->next;
    if (w->next != NULL)
        w->next->before = w->before;
    pthread_mutex_unlock(&d->lock);
    free(w);
}

void deadline_begin(watched *w)
{
    atomic_store(&w->rests, false);
    atomic_store(&w->in_work, true);
}

void deadline_end(watched *w)
{
    atomic_store(&w->ended, true);
    atomic_store(&w->in_work, false);
}

void deadline_rest(watched *w)
{
    atomic_store(&w->ended, true);
    atomic_store(&w->rests, true);
}

uint64_t deadline_count(deadline *d)
{
    return atomic_load(&d->count);
}
