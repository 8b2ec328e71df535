#include "chaos/network/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/random.h"
#include "base/timing.h"

#define PIECE          65536
#define EVENTS         64
#define REQUEST_KEPT   128
#define ROUNDS_AT_ONCE 4

typedef struct connection connection;

/* What an epoll event points to; `owner` NULL: the listener or the wake-up. */
typedef struct {
    connection *owner;
    int fd;
    uint32_t interest;
    bool unwatched; /* hung up while nothing may be read yet */
} end;

typedef struct {
    char *bytes;
    size_t start;
    size_t length;
    uint64_t release_at;
    uint64_t rate;
    uint64_t slice;
    uint64_t passed; /* of this request or answer */
    bool ended;      /* the sender closed */
    bool closed;     /* and the receiver knows */
    bool cut;        /* reset once the buffer is out */
} flow;

struct connection {
    end ends[2];   /* 0: the client, 1: the target */
    flow flows[2]; /* flows[i] comes from ends[i] */
    char request[REQUEST_KEPT];
    bool at_head;
    uint64_t number;
    bool dead;
    connection *next;
    connection *previous;
};

typedef struct {
    proxy_rule rule;
    bool armed;
    uint64_t begun; /* requests that `first` was spent on */
    atomic_uint_fast64_t hits;
} slot;

struct network_proxy {
    pthread_t thread;
    int poll;
    end listener;
    end wake;
    uint16_t port;
    atomic_uint_fast16_t upstream;
    atomic_bool stopping;
    pthread_mutex_t lock; /* rules */
    atomic_uint armed;
    slot slots[PROXY_RULES_MOST];
    connection *connections;
    uint64_t accepted;
    random_stream jitter;
};

/* --- rules --- */

static bool concerns(const slot *s, const connection *c, size_t from)
{
    const char *request = s->rule.request != NULL ? s->rule.request : "";
    double place = (double)(random_mix(s->rule.seed ^ random_mix(c->number)) >> 11) * 0x1p-53;
    return s->armed && (s->rule.directions & (1U << from)) != 0 && place < s->rule.share &&
           strncmp(c->request, request, strlen(request)) == 0 &&
           (s->rule.first == 0 || (c->at_head && s->begun < s->rule.first));
}

static void apply(network_proxy *p, slot *s, flow *f)
{
    const proxy_rule *r = &s->rule;
    if (r->action == PROXY_RESET && f->passed + f->length <= r->after)
        return;
    if (r->action == PROXY_RESET) {
        f->length = r->after > f->passed ? (size_t)(r->after - f->passed) : 0;
        f->cut = true;
    } else if (r->action == PROXY_SWALLOW) {
        f->length = 0;
    } else {
        f->rate = r->rate;
        f->slice = r->slice;
        f->release_at =
            timing_now() + r->delay + (r->jitter > 0 ? random_below(&p->jitter, r->jitter) : 0);
    }
    s->begun++;
    atomic_fetch_add(&s->hits, 1);
}

/* A piece that begins a request: what the rules for requests go by until the next one. */
static void note_request(connection *c, const flow *f)
{
    size_t word = 0;
    while (word < f->length && word < 10 && f->bytes[word] >= 'A' && f->bytes[word] <= 'Z')
        word++;
    c->at_head =
        word >= 3 && word + 1 < f->length && f->bytes[word] == ' ' && f->bytes[word + 1] == '/';
    if (!c->at_head)
        return;
    size_t kept = f->length < REQUEST_KEPT - 1 ? f->length : REQUEST_KEPT - 1;
    memcpy(c->request, f->bytes, kept);
    c->request[kept] = '\0';
    c->flows[0].passed = c->flows[1].passed = 0;
}

static void spoil(network_proxy *p, connection *c, size_t from)
{
    flow *f = &c->flows[from];
    f->release_at = f->rate = f->slice = 0;
    if (from == 0)
        note_request(c, f);
    else
        c->at_head = false;
    if (atomic_load(&p->armed) > 0) {
        pthread_mutex_lock(&p->lock);
        for (size_t i = 0; i < PROXY_RULES_MOST; i++)
            if (concerns(&p->slots[i], c, from))
                apply(p, &p->slots[i], f);
        pthread_mutex_unlock(&p->lock);
    }
    f->passed += f->length;
}

/* --- moving bytes --- */

static void reset(connection *c)
{
    struct linger now = {.l_onoff = 1};
    for (size_t i = 0; i < 2; i++)
        setsockopt(c->ends[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    c->dead = true;
}

static bool again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOTCONN;
}

/* True while more may be possible at once. */
static bool take(network_proxy *p, connection *c, size_t from)
{
    flow *f = &c->flows[from];
    ssize_t got = recv(c->ends[from].fd, f->bytes, PIECE, 0);
    if (got < 0) {
        if (!again())
            reset(c);
        return false;
    }
    f->start = 0;
    f->length = (size_t)got;
    f->ended = got == 0;
    if (got > 0)
        spoil(p, c, from);
    return true;
}

static bool give(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    size_t most = f->slice > 0 && f->slice < f->length ? f->slice : f->length;
    if (f->rate > 0 && most > f->rate / 50 + 1)
        most = f->rate / 50 + 1;
    if (timing_now() < f->release_at)
        return false;
    ssize_t sent = send(c->ends[1 - from].fd, f->bytes + f->start, most, MSG_NOSIGNAL);
    if (sent < 0) {
        if (!again())
            reset(c);
        return false;
    }
    f->start += (size_t)sent;
    f->length -= (size_t)sent;
    if (f->rate > 0)
        f->release_at = timing_now() + (uint64_t)sent * NANOSECONDS_PER_SECOND / f->rate;
    else if (f->slice > 0)
        f->release_at = timing_now() + NANOSECONDS_PER_MILLISECOND;
    return true;
}

static void advance(network_proxy *p, connection *c, size_t from)
{
    flow *f = &c->flows[from];
    bool more = true;
    for (int rounds = 0;
         more && !c->dead && !f->closed && (rounds < ROUNDS_AT_ONCE || c->ends[from].unwatched);
         rounds++) {
        if (f->length > 0)
            more = give(c, from);
        else if (f->cut)
            reset(c);
        else if (!f->ended)
            more = take(p, c, from);
        else {
            shutdown(c->ends[1 - from].fd, SHUT_WR);
            f->closed = true;
        }
    }
    if (c->flows[0].closed && c->flows[1].closed)
        c->dead = true;
}

static void watch(network_proxy *p, connection *c, uint64_t now)
{
    for (size_t i = 0; i < 2 && !c->dead; i++) {
        const flow *in = &c->flows[i];
        const flow *out = &c->flows[1 - i];
        uint32_t wanted = in->length == 0 && !in->ended ? (uint32_t)EPOLLIN : 0;
        if (out->length > 0 && now >= out->release_at)
            wanted |= (uint32_t)EPOLLOUT;
        struct epoll_event event = {.events = wanted, .data.ptr = &c->ends[i]};
        if (wanted != c->ends[i].interest && !c->ends[i].unwatched)
            epoll_ctl(p->poll, EPOLL_CTL_MOD, c->ends[i].fd, &event);
        c->ends[i].interest = wanted;
    }
}

/* --- connections --- */

static void drop(network_proxy *p, connection *c)
{
    if (c->previous != NULL)
        c->previous->next = c->next;
    else
        p->connections = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    for (size_t i = 0; i < 2; i++) {
        if (c->ends[i].fd >= 0)
            close(c->ends[i].fd);
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

static void admit(network_proxy *p, int client)
{
    connection *c = calloc(1, sizeof *c);
    CHECK(c != NULL);
    c->number = p->accepted++;
    c->next = p->connections;
    if (c->next != NULL)
        c->next->previous = c;
    p->connections = c;
    c->ends[0].fd = client;
    c->ends[1].fd = connect_upstream((uint16_t)atomic_load(&p->upstream));
    if (c->ends[1].fd < 0)
        reset(c);
    for (size_t i = 0; i < 2 && !c->dead; i++) {
        int one = 1;
        c->ends[i].owner = c;
        c->ends[i].interest = EPOLLIN;
        c->flows[i].bytes = malloc(PIECE);
        CHECK(c->flows[i].bytes != NULL);
        setsockopt(c->ends[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &c->ends[i]};
        if (epoll_ctl(p->poll, EPOLL_CTL_ADD, c->ends[i].fd, &event) != 0)
            c->dead = true;
    }
    if (c->dead)
        drop(p, c);
}

static void on_event(network_proxy *p, end *where, uint32_t events)
{
    connection *c = where->owner;
    size_t i = where == &c->ends[1];
    if (c->dead)
        return;
    if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (where->interest & EPOLLIN) == 0) {
        epoll_ctl(p->poll, EPOLL_CTL_DEL, where->fd, NULL);
        where->unwatched = true;
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        advance(p, c, i);
    if ((events & EPOLLOUT) != 0)
        advance(p, c, 1 - i);
    watch(p, c, timing_now());
}

/* Frees the dead and moves what was held long enough. Returns how long to sleep, in milliseconds.
 */
static int tend(network_proxy *p)
{
    uint64_t now = timing_now();
    uint64_t nearest = UINT64_MAX;
    for (connection *c = p->connections, *next; c != NULL; c = next) {
        next = c->next;
        for (size_t i = 0; i < 2 && !c->dead; i++) {
            flow *f = &c->flows[i];
            if ((f->release_at != 0 || c->ends[i].unwatched) && f->release_at <= now)
                advance(p, c, i);
            if (f->length > 0 && f->release_at > now && f->release_at < nearest)
                nearest = f->release_at;
        }
        watch(p, c, now);
        if (c->dead)
            drop(p, c);
    }
    if (nearest == UINT64_MAX)
        return -1;
    return (int)((nearest - now) / NANOSECONDS_PER_MILLISECOND + 1);
}

static void *serve(void *argument)
{
    network_proxy *p = argument;
    struct epoll_event events[EVENTS];
    int patience = -1;
    while (!atomic_load(&p->stopping)) {
        int count = epoll_wait(p->poll, events, EVENTS, patience);
        for (int i = 0; i < count; i++) {
            end *where = events[i].data.ptr;
            if (where->owner != NULL) {
                on_event(p, where, events[i].events);
            } else if (where == &p->listener) {
                int client = accept4(where->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (client >= 0)
                    admit(p, client);
            }
        }
        patience = tend(p);
    }
    while (p->connections != NULL)
        drop(p, p->connections);
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
    p->jitter = random_named(upstream_port, "proxy/jitter");
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
    pthread_mutex_lock(&p->lock);
    for (int i = 0; taken < 0 && i < PROXY_RULES_MOST; i++) {
        slot *s = &p->slots[i];
        if (s->armed)
            continue;
        s->rule = *rule;
        s->armed = true;
        s->begun = 0;
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
}

uint64_t proxy_hits(const network_proxy *p, int number)
{
    return atomic_load(&p->slots[number].hits);
}
