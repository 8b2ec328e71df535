#include "chaos/network/proxy.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "chaos/network/relay.h"

#define EVENTS 64

/* --- the thread --- */

static void on_event(network_proxy *p, end *where, uint32_t events)
{
    uint64_t ignored;
    if (where->owner != NULL) {
        relay_on_event(where, events);
    } else if (where == &p->listener) {
        int client = accept4(where->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0)
            relay_admit(p, client);
    } else {
        (void)!read(where->fd, &ignored, sizeof ignored);
    }
}

static void *serve(void *argument)
{
    network_proxy *p = argument;
    struct epoll_event events[EVENTS];
    int patience = -1;
    while (!atomic_load(&p->stopping)) {
        int count = epoll_wait(p->poll, events, EVENTS, patience);
        for (int i = 0; i < count; i++)
            on_event(p, events[i].data.ptr, events[i].events);
        patience = relay_tend(p);
    }
    while (p->connections != NULL)
        relay_drop(p->connections);
    return NULL;
}

/* --- from outside --- */

static bool open_ends(network_proxy *p, error *e)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    p->poll = epoll_create1(EPOLL_CLOEXEC);
    p->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = &p->wake};
    struct epoll_event knock = {.events = EPOLLIN, .data.ptr = &p->listener};
    if (bind(p->listener.fd, (struct sockaddr *)&where, size) != 0 ||
        listen(p->listener.fd, 1024) != 0 ||
        getsockname(p->listener.fd, (struct sockaddr *)&where, &size) != 0 ||
        epoll_ctl(p->poll, EPOLL_CTL_ADD, p->wake.fd, &wake) != 0 ||
        epoll_ctl(p->poll, EPOLL_CTL_ADD, p->listener.fd, &knock) != 0)
        return error_errno(e, "proxy", "cannot listen on loopback");
    p->port = ntohs(where.sin_port);
    return true;
}

static void release(network_proxy *p)
{
    int fds[] = {p->poll, p->wake.fd, p->listener.fd};
    for (size_t i = 0; i < 3; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

network_proxy *proxy_start(uint16_t upstream_port, error *e)
{
    network_proxy *p = calloc(1, sizeof *p);
    CHECK(p != NULL);
    pthread_mutex_init(&p->lock, NULL);
    atomic_init(&p->upstream, upstream_port);
    bool fine = open_ends(p, e);
    if (fine && pthread_create(&p->thread, NULL, serve, p) != 0)
        fine = error_set(e, ERROR_LIMIT, "proxy", "cannot start a thread");
    if (!fine) {
        release(p);
        return NULL;
    }
    return p;
}

static void wake_up(network_proxy *p)
{
    uint64_t one = 1;
    CHECK(write(p->wake.fd, &one, sizeof one) == (ssize_t)sizeof one);
}

void proxy_stop(network_proxy *p)
{
    atomic_store(&p->stopping, true);
    wake_up(p);
    pthread_join(p->thread, NULL);
    release(p);
}

uint16_t proxy_port(const network_proxy *p)
{
    return p->port;
}

void proxy_set_upstream(network_proxy *p, uint16_t port)
{
    atomic_store(&p->upstream, port);
}

int proxy_arm(network_proxy *p, const proxy_rule *rule, error *e)
{
    int taken = -1;
    random_stream share = random_named(rule->seed, "proxy/share");
    pthread_mutex_lock(&p->lock);
    for (int i = 0; taken < 0 && i < PROXY_RULES_MOST; i++) {
        slot *s = &p->slots[i];
        if (s->armed)
            continue;
        s->rule = *rule;
        s->armed = true;
        s->arming = ++p->armings;
        s->met = s->begun = 0;
        s->phase = rule->share * random_unit(&share);
        s->jitter = random_named(rule->seed, "proxy/jitter");
        atomic_store(&s->hits, 0);
        atomic_fetch_add(&p->armed, 1);
        taken = i;
    }
    pthread_mutex_unlock(&p->lock);
    if (taken < 0)
        error_set(e, ERROR_LIMIT, "proxy", "more than %d network faults at once", PROXY_RULES_MOST);
    return taken;
}

void proxy_disarm(network_proxy *p, int number)
{
    pthread_mutex_lock(&p->lock);
    p->slots[number].armed = false;
    atomic_fetch_sub(&p->armed, 1);
    pthread_mutex_unlock(&p->lock);
    wake_up(p);
}

uint64_t proxy_hits(const network_proxy *p, int number)
{
    return atomic_load(&p->slots[number].hits);
}
