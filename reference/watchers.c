#include "watchers.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

#define LOOK_MILLISECONDS 100 /* so exactly the time of a wait is kept */
#define EVENTS_AT_ONCE    64
/* A client whose machine vanished without a word is given up after so long. */
#define SILENCE_MILLISECONDS 30000u

struct watcher {
    watcher *before; /* among those that sleep */
    watcher *next;
    struct MHD_Connection *connection;
    watched *watched;
    int fd;
    uint64_t until;
    bool gone;
};

struct watchers {
    pthread_t thread;
    pthread_mutex_t lock;
    int poll; /* an epoll of the sleepers' sockets: only their end is looked for */
    int wake;
    uint64_t most;
    uint64_t count;
    uint64_t newest;
    uint64_t woken_for; /* sleepers know of changes up to here */
    bool dismissed;
    bool closing;
    watcher *sleepers;
};

static void poke(watchers *w)
{
    uint64_t one = 1;
    CHECK(write(w->wake, &one, sizeof one) == sizeof one);
}

/* --- with the lock --- */

static void put_to_sleep(watchers *w, watcher *who)
{
    who->before = NULL;
    who->next = w->sleepers;
    if (w->sleepers != NULL)
        w->sleepers->before = who;
    w->sleepers = who;
    deadline_rest(who->watched);
    MHD_suspend_connection(who->connection);
}

static void wake_up(watchers *w, watcher *who)
{
    if (who->before != NULL)
        who->before->next = who->next;
    else
        w->sleepers = who->next;
    if (who->next != NULL)
        who->next->before = who->before;
    CHECK(epoll_ctl(w->poll, EPOLL_CTL_DEL, who->fd, NULL) == 0);
    deadline_begin(who->watched);
    MHD_resume_connection(who->connection);
}

/* The events are fetched with the lock, so each is about somebody who still sleeps. */
static void wake_the_gone(watchers *w)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int count;
    while ((count = epoll_wait(w->poll, events, EVENTS_AT_ONCE, 0)) > 0)
        for (int i = 0; i < count; i++) {
            watcher *who = events[i].data.ptr;
            who->gone = true;
            wake_up(w, who);
        }
    CHECK(count == 0 || errno == EINTR);
}

static void wake_the_due(watchers *w)
{
    bool all = w->dismissed || w->newest > w->woken_for;
    uint64_t now = timing_now();
    w->woken_for = w->newest;
    watcher *next;
    for (watcher *who = w->sleepers; who != NULL; who = next) {
        next = who->next;
        if (all || now >= who->until)
            wake_up(w, who);
    }
}

static void *look_after(void *argument)
{
    watchers *w = argument;
    uint64_t ignored;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        struct pollfd ready[2] = {{.fd = w->wake, .events = POLLIN},
                                  {.fd = w->poll, .events = POLLIN}};
        int patience = w->sleepers != NULL ? LOOK_MILLISECONDS : -1;
        pthread_mutex_unlock(&w->lock);
        int result = poll(ready, 2, patience);
        CHECK(result >= 0 || errno == EINTR);
        if (ready[0].revents != 0)
            CHECK(read(w->wake, &ignored, sizeof ignored) == sizeof ignored);
        pthread_mutex_lock(&w->lock);
        wake_the_gone(w);
        wake_the_due(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- life --- */

watchers *watchers_open(uint64_t most, uint64_t newest, error *e)
{
    watchers *w = memory_zeroed(1, sizeof *w);
    w->most = most;
    w->newest = newest;
    w->woken_for = newest;
    w->wake = eventfd(0, EFD_CLOEXEC);
    w->poll = epoll_create1(EPOLL_CLOEXEC);
    if (w->wake < 0 || w->poll < 0) {
        error_errno(e, "watchers", "cannot make a poll set");
        if (w->wake >= 0)
            close(w->wake);
        free(w);
        return NULL;
    }
    pthread_mutex_init(&w->lock, NULL);
    CHECK(pthread_create(&w->thread, NULL, look_after, w) == 0);
    return w;
}

void watchers_close(watchers *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    CHECK(w->count == 0);
    w->closing = true;
    pthread_mutex_unlock(&w->lock);
    poke(w);
    CHECK(pthread_join(w->thread, NULL) == 0);
    pthread_mutex_destroy(&w->lock);
    close(w->poll);
    close(w->wake);
    free(w);
}

void watchers_tell(void *owner, uint64_t newest)
{
    watchers *w = owner;
    pthread_mutex_lock(&w->lock);
    w->newest = newest;
    bool asleep = w->sleepers != NULL;
    pthread_mutex_unlock(&w->lock);
    if (asleep)
        poke(w);
}

uint64_t watchers_newest(watchers *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t newest = w->newest;
    pthread_mutex_unlock(&w->lock);
    return newest;
}

uint64_t watchers_count(watchers *w)
{
    pthread_mutex_lock(&w->lock);
    uint64_t count = w->count;
    pthread_mutex_unlock(&w->lock);
    return count;
}

void watchers_dismiss(watchers *w)
{
    pthread_mutex_lock(&w->lock);
    w->dismissed = true;
    pthread_mutex_unlock(&w->lock);
    poke(w);
}

/* --- one watcher --- */

watcher *watchers_join(watchers *w, struct MHD_Connection *connection, watched *entry)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    unsigned silence = SILENCE_MILLISECONDS;
    CHECK(info != NULL);
    pthread_mutex_lock(&w->lock);
    bool room = w->count < w->most;
    w->count += room;
    pthread_mutex_unlock(&w->lock);
    if (!room)
        return NULL;
    watcher *who = memory_zeroed(1, sizeof *who);
    who->connection = connection;
    who->watched = entry;
    who->fd = info->connect_fd;
    CHECK(setsockopt(who->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence, sizeof silence) == 0);
    return who;
}

void watchers_leave(watchers *w, watcher *who)
{
    pthread_mutex_lock(&w->lock);
    w->count--;
    pthread_mutex_unlock(&w->lock);
    free(who);
}

watch_answer watchers_wait(watchers *w, watcher *who, uint64_t seen, uint64_t until)
{
    struct epoll_event end = {.events = EPOLLRDHUP, .data.ptr = who};
    watch_answer answer = WATCH_OVER;
    bool first = false;
    pthread_mutex_lock(&w->lock);
    who->until = until;
    bool over = w->dismissed || who->gone;
    /* Also at the end: to say "nothing" with changes left to tell would be a lie. */
    if (!who->gone && w->newest > seen) {
        answer = WATCH_NEWS;
    } else if (!over && timing_now() >= until) {
        answer = WATCH_TIME;
    } else if (!over && epoll_ctl(w->poll, EPOLL_CTL_ADD, who->fd, &end) == 0) {
        answer = WATCH_SLEEPS;
        first = w->sleepers == NULL;
        put_to_sleep(w, who);
    }
    pthread_mutex_unlock(&w->lock);
    /* With nobody asleep the thread waits without an end. */
    if (first)
        poke(w);
    return answer;
}
