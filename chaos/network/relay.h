/* Inside the proxy: connections, what rules do to their data, and its way from one end to the
 * other. Everything here runs on the proxy's own thread; only rules are shared, under `lock`. */
#ifndef ORDEAL_CHAOS_NETWORK_RELAY_H
#define ORDEAL_CHAOS_NETWORK_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "chaos/network/proxy.h"

#define RELAY_PIECE        65536
#define RELAY_REQUEST_KEPT 128

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
    uint64_t close_at; /* the receiver learns of the sender's close then */
    uint64_t rate;
    uint64_t slice;
    uint64_t passed; /* of this request or answer */
    bool drained;    /* the last piece was all that there was */
    bool ended;      /* the sender closed */
    bool closed;     /* and the receiver knows */
    bool cut;        /* reset once the buffer is out */
} flow;

typedef struct {
    proxy_rule rule;
    bool armed;
    uint64_t arming; /* which one it is of this proxy; 0: none yet */
    uint64_t met;    /* connections that were asked about since then */
    double phase;    /* where the share begins: below it, by the seed */
    uint64_t begun;  /* requests that `first` was spent on */
    random_stream jitter;
    atomic_uint_fast64_t hits;
} slot;

/* Whether a connection is of the share that the rule armed in this slot means. */
typedef struct {
    uint64_t arming;
    bool chosen;
} membership;

struct connection {
    network_proxy *proxy;
    end ends[2];   /* 0: the client, 1: the target */
    flow flows[2]; /* flows[i] comes from ends[i] */
    char request[RELAY_REQUEST_KEPT];
    bool at_head;
    membership memberships[PROXY_RULES_MOST];
    bool dead;
    slot *lost; /* the rule that cut one end off behind the other's back; NULL: none */
    connection *next;
    connection *previous;
    connection *next_tended;
    bool tended; /* is on the list of those that time alone may move */
};

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
    connection *tended;
    uint64_t armings;
};

/* Opens the way to the target for a client that was accepted. */
void relay_admit(network_proxy *p, int client);
void relay_on_event(end *where, uint32_t events);
/* Frees the dead and moves what was held long enough. Returns how long to sleep, in milliseconds.
 */
int relay_tend(network_proxy *p);
void relay_drop(connection *c);
/* Closes one end's descriptor and says so to the poll: a process that is just being started may
 * hold a copy of it, and then its events would outlive the connection. */
void relay_close(connection *c, end *one);

/* rules.c: what the armed rules make of a piece, or of the end, that came from ends[from]. */
void relay_spoil(connection *c, size_t from);
void relay_spoil_end(connection *c, size_t from);
/* Both ends are told at once, and by a reset. */
void relay_reset(connection *c);

#endif
