#include "chaos/network/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"

#define ROUNDS_AT_ONCE 4

/* --- moving bytes --- */

static bool again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOTCONN;
}

/* True while more may be possible at once. */
static bool take(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    ssize_t got = recv(c->ends[from].fd, f->bytes, RELAY_PIECE, 0);
    if (got < 0) {
        if (!again())
            relay_reset(c);
        return false;
    }
    f->start = 0;
    f->length = (size_t)got;
    f->ended = got == 0;
    f->drained = got > 0 && got < RELAY_PIECE;
    if (got > 0)
        relay_spoil(c, from);
    else
        relay_spoil_end(c, from);
    return true;
}

static bool give(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    size_t most = f->slice > 0 && f->slice < f->length ? f->slice : f->length;
    if (f->rate > 0 && most > f->rate / 50 + 1)
        most = f->rate / 50 + 1;
    if (f->release_at > 0 && timing_now() < f->release_at)
        return false;
    ssize_t sent = send(c->ends[1 - from].fd, f->bytes + f->start, most, MSG_NOSIGNAL);
    if (sent < 0) {
        if (!again())
            relay_reset(c);
        return false;
    }
    f->start += (size_t)sent;
    f->length -= (size_t)sent;
    if (f->rate > 0)
        f->release_at = timing_now() + (uint64_t)sent * NANOSECONDS_PER_SECOND / f->rate;
    else if (f->slice > 0)
        f->release_at = timing_now() + NANOSECONDS_PER_MILLISECOND;
    /* What comes next has an event of its own, and most often there is nothing yet. */
    return f->length > 0 || f->cut || !f->drained || c->ends[from].unwatched;
}

/* The sender closed, and all that it had sent is out. */
static bool pass_end(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    if (f->close_at > 0 && timing_now() < f->close_at)
        return false;
    shutdown(c->ends[1 - from].fd, SHUT_WR);
    f->closed = true;
    return true;
}

/* Reads on what the other end is no longer there for, so that its peer notices nothing. */
static bool read_into_nothing(connection *c, size_t from)
{
    if (c->ends[from].fd < 0)
        return false;
    if (!take(c, from))
        return false;
    if (c->flows[from].ended)
        c->dead = true;
    c->flows[from].length = 0;
    return true;
}

static void advance(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    bool more = true;
    for (int rounds = 0;
         more && !c->dead && !f->closed && (rounds < ROUNDS_AT_ONCE || c->ends[from].unwatched);
         rounds++) {
        if (c->lost != NULL)
            more = read_into_nothing(c, from);
        else if (f->length > 0)
            more = give(c, from);
        else if (f->cut)
            relay_reset(c);
        else if (!f->ended)
            more = take(c, from);
        else
            more = pass_end(c, from);
    }
    if (c->flows[0].closed && c->flows[1].closed)
        c->dead = true;
}

/* --- what to wait for --- */

static uint64_t held_until(const flow *f)
{
    if (f->length > 0)
        return f->release_at;
    return f->ended && !f->closed ? f->close_at : 0;
}

static bool moves_by_time(const connection *c)
{
    return c->dead || c->lost != NULL || c->ends[0].unwatched || c->ends[1].unwatched ||
           held_until(&c->flows[0]) > 0 || held_until(&c->flows[1]) > 0;
}

static void watch(connection *c, uint64_t now)
{
    network_proxy *p = c->proxy;
    for (size_t i = 0; i < 2 && !c->dead; i++) {
        const flow *in = &c->flows[i];
        const flow *out = &c->flows[1 - i];
        uint32_t wanted = in->length == 0 && !in->ended ? (uint32_t)EPOLLIN : 0;
        if (out->length > 0 && now >= out->release_at)
            wanted |= (uint32_t)EPOLLOUT;
        struct epoll_event event = {.events = wanted, .data.ptr = &c->ends[i]};
        if (c->ends[i].fd >= 0 && wanted != c->ends[i].interest && !c->ends[i].unwatched)
            epoll_ctl(p->poll, EPOLL_CTL_MOD, c->ends[i].fd, &event);
        c->ends[i].interest = wanted;
    }
    if (!c->tended && moves_by_time(c)) {
        c->tended = true;
        c->next_tended = p->tended;
        p->tended = c;
    }
}

void relay_on_event(end *where, uint32_t events)
{
    connection *c = where->owner;
    size_t i = where == &c->ends[1];
    if (c->dead || where->fd < 0)
        return;
    if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (where->interest & EPOLLIN) == 0) {
        epoll_ctl(c->proxy->poll, EPOLL_CTL_DEL, where->fd, NULL);
        where->unwatched = true;
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        advance(c, i);
    if ((events & EPOLLOUT) != 0)
        advance(c, 1 - i);
    watch(c, c->flows[0].release_at > 0 || c->flows[1].release_at > 0 ? timing_now() : UINT64_MAX);
}

/* A rule that cut an end off is over: whoever still speaks to it is now told. */
static void end_loss(connection *c)
{
    pthread_mutex_lock(&c->proxy->lock);
    bool over = c->lost != NULL && !c->lost->armed;
    pthread_mutex_unlock(&c->proxy->lock);
    if (over)
        relay_reset(c);
}

static void move_held(connection *c, uint64_t now, uint64_t *nearest)
{
    end_loss(c);
    for (size_t i = 0; i < 2 && !c->dead; i++) {
        uint64_t at = held_until(&c->flows[i]);
        if ((at > 0 || c->ends[i].unwatched) && at <= now)
            advance(c, i);
        at = held_until(&c->flows[i]);
        if (at > now && at < *nearest)
            *nearest = at;
    }
    watch(c, now);
}

int relay_tend(network_proxy *p)
{
    uint64_t nearest = UINT64_MAX;
    connection *list = p->tended;
    if (list == NULL)
        return -1;
    uint64_t now = timing_now();
    p->tended = NULL;
    for (connection *c = list, *next; c != NULL; c = next) {
        next = c->next_tended;
        if (!c->dead)
            move_held(c, now, &nearest);
        if (c->dead) {
            relay_drop(c);
        } else if (moves_by_time(c)) {
            c->next_tended = p->tended;
            p->tended = c;
        } else {
            c->tended = false;
        }
    }
    if (nearest == UINT64_MAX)
        return -1;
    return (int)((nearest - now) / NANOSECONDS_PER_MILLISECOND + 1);
}

/* --- connections --- */

void relay_close(connection *c, end *one)
{
    if (one->fd < 0)
        return;
    epoll_ctl(c->proxy->poll, EPOLL_CTL_DEL, one->fd, NULL);
    close(one->fd);
    one->fd = -1;
}

void relay_drop(connection *c)
{
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        c->proxy->connections = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    for (size_t i = 0; i < 2; i++) {
        relay_close(c, &c->ends[i]);
        free(c->flows[i].bytes);
    }
    free(c);
}

static int connect_upstream(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (struct sockaddr *)&where, sizeof where) != 0 &&
        errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

void relay_admit(network_proxy *p, int client)
{
    connection *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->proxy = p;
    c->next = p->connections;
    if (c->next != NULL)
        c->next->previous = c;
    p->connections = c;
    c->ends[0].fd = client;
    c->ends[1].fd = connect_upstream((uint16_t)atomic_load(&p->upstream));
    if (c->ends[1].fd < 0)
        relay_reset(c);
    for (size_t i = 0; i < 2 && !c->dead; i++) {
        int one = 1;
        c->ends[i].owner = c;
        c->ends[i].interest = EPOLLIN;
        c->flows[i].bytes = malloc(RELAY_PIECE);
        CHECK(c->flows[i].bytes != NULL);
        setsockopt(c->ends[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &c->ends[i]};
        if (epoll_ctl(p->poll, EPOLL_CTL_ADD, c->ends[i].fd, &event) != 0)
            c->dead = true;
    }
    if (c->dead)
        relay_drop(c);
}
