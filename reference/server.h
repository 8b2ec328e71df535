/* The HTTP side: libmicrohttpd with a pool of epoll threads, routes, framing checks, answers,
 * request log. */
#ifndef REFERENCE_SERVER_H
#define REFERENCE_SERVER_H

#include <stdint.h>

#include "base/error.h"
#include "request.h"

typedef struct server server;

typedef struct {
    const char *host;
    uint16_t port; /* 0: the system chooses */
    unsigned threads;
    unsigned connections_most;
    unsigned idle_seconds;
    uint64_t grace_seconds; /* see deadline.h */
    uint64_t least_rate;
} server_options;

server *server_start(const server_options *options, service *what, error *e);
uint16_t server_port(const server *s);
/* Takes no more connections, lets what is in work end for up to `seconds`, then closes all. */
void server_stop(server *s, unsigned seconds);

#endif
