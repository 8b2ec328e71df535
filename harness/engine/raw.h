/* A bare TCP connection for clients that break the rules of HTTP, which libcurl would not let them.
 *
 * Runs on a lane's coroutine; it looks every few milliseconds whether the socket is ready, which is
 * good enough for the few clients that need it. A target's address is http:// with an IPv4 address
 * or "localhost". */
#ifndef ORDEAL_ENGINE_RAW_H
#define ORDEAL_ENGINE_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/loop.h"

typedef struct {
    loop_lane *lane;
    int fd; /* -1: closed */
    uint64_t deadline;
} raw;

/* False when nobody answers there, or in time. */
bool raw_open(raw *r, loop_lane *lane, const char *base_url, uint64_t timeout);
/* False when the other side closed, or the time is over; *sent says how far it came. */
bool raw_send(raw *r, const void *bytes, size_t length, size_t *sent);
/* Says that nothing more will be sent. */
void raw_end(raw *r);
/* Reads until the other side closes or `length` bytes are there. False: the time is over first. */
bool raw_receive(raw *r, void *bytes, size_t length, size_t *received);
/* Whether the other side has closed, or sent something. */
bool raw_noticed(raw *r);
void raw_close(raw *r);

#endif
