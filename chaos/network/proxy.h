/* A TCP proxy on loopback in front of the target, in a thread of its own, that spoils what passes.
 *
 * Rules are armed and disarmed while it runs; a rule names the directions, the share of connections
 * (evenly, as they are first used under the rule; the seed says where it begins) and, if wished,
 * the HTTP requests that it is for. A request begins where a piece from the client begins with
 * "METHOD /". Memory: 129 KiB a connection. proxy_stop closes all. Arming and stopping come from
 * one thread; reading counters is safe from any. */
#ifndef ORDEAL_CHAOS_NETWORK_PROXY_H
#define ORDEAL_CHAOS_NETWORK_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define PROXY_RULES_MOST 8

typedef enum { PROXY_TO_TARGET = 1, PROXY_TO_CLIENT = 2, PROXY_BOTH = 3 } proxy_direction;
typedef enum {
    PROXY_SLOW,
    PROXY_RESET,
    PROXY_SWALLOW,
    PROXY_LOSE,      /* one end is gone, and the other is not told until the rule is disarmed */
    PROXY_SLOW_CLOSE /* an end's close reaches the other late */
} proxy_action;

typedef struct {
    unsigned directions; /* of proxy_direction */
    proxy_action action;
    double share; /* of connections, 0..1 */
    uint64_t seed;
    const char *request; /* "PATCH /v1/uploads": only requests that begin so; "" or NULL: all */
    uint64_t first;      /* only so many requests, at their first byte; 0: everything */
    uint64_t delay;  /* PROXY_SLOW: nanoseconds before a piece goes on; PROXY_SLOW_CLOSE: a close */
    uint64_t jitter; /* and up to so many more, drawn from the seed */
    uint64_t rate;   /* bytes a second; 0: any */
    uint64_t slice;  /* bytes at once; 0: any */
    unsigned gone;   /* PROXY_LOSE: 0: the client, 1: the target */
    uint64_t after;  /* PROXY_RESET: bytes of a request or answer that still pass */
} proxy_rule;

typedef struct network_proxy network_proxy;

network_proxy *proxy_start(uint16_t upstream_port, error *e);
void proxy_stop(network_proxy *p);
uint16_t proxy_port(const network_proxy *p);
/* Where the target listens now; connections that are open keep theirs. */
void proxy_set_upstream(network_proxy *p, uint16_t port);

/* Returns the rule's number, or -1 when all are taken; `rule->request` must live until the disarm.
 */
int proxy_arm(network_proxy *p, const proxy_rule *rule, error *e);
void proxy_disarm(network_proxy *p, int number);
/* Pieces that the rule delayed, cut or swallowed since it was armed; stays readable after. */
uint64_t proxy_hits(const network_proxy *p, int number);

#endif
