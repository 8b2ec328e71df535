/* Requests that no server may take: broken framing, broken heads, no HTTP at all; and valid ones
 * with something changed. */
#ifndef ORDEAL_CLIENT_GARBAGE_H
#define ORDEAL_CLIENT_GARBAGE_H

#include "client/client.h"
#include "client/seen.h"

/* What a client sent last, spelled out; a behaviour keeps it for its client. "": nothing. */
typedef struct {
    char text[2048];
    unsigned told; /* so often in the history, which is bounded */
    size_t size;
    uint32_t name; /* of what it was */
    uint64_t invoke;
    uint64_t finish;
} garbage_sent;

/* One kind, drawn by the client. Ok: it was refused by a well-formed answer, or the connection was
 * closed. */
seen client_garbage(client *c, garbage_sent *last);
/* A story of valid requests on names of its own, changed at a few places. Ok: its first request was
 * answered or the connection was closed. */
seen client_mutated(client *c, garbage_sent *last);
/* A head that comes byte by byte, one each `pause`, until the target has had enough (ok) or
 * `patience` is over. */
seen client_drip(client *c, uint64_t pause, uint64_t patience);
/* A content is announced that must be refused, and never comes, nor is the connection ended for
 * `stay`, whatever the target does. Ok: it was refused by a well-formed answer, or closed. */
seen client_linger(client *c, uint64_t stay);

#endif
