/* One HTTP request and its answer, streamed both ways, as a lane's coroutine sees it: one blocking
 * call.
 *
 * The body to send is pulled from `send` in pieces, the body received is pushed to `receive`;
 * neither is kept here. The request's texts stay the caller's until exchange_run returns. */
#ifndef ORDEAL_ENGINE_EXCHANGE_H
#define ORDEAL_ENGINE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/auth.h"
#include "engine/loop.h"
#include "history/record.h"

#define EXCHANGE_HEADERS_MOST 12
#define EXCHANGE_LENGTH_NONE  UINT64_MAX

typedef struct {
    const char *name;
    const char *value;
} exchange_header;

/* A field of the answer that the asker wants to see: `value` becomes "" when there is none, and is
 * cut when it does not fit. */
typedef struct {
    const char *name;
    char value[512];
} exchange_field;

/* How the exchange should misbehave, for clients that do as the worst real ones do. */
typedef struct {
    uint64_t send_rate;    /* bytes a second; 0: as fast as it goes */
    uint64_t receive_rate; /* likewise */
    uint64_t cut_send_at;  /* drop the connection after this many body bytes sent */
    uint64_t cut_receive_at;
    uint64_t patience; /* walk away after so many nanoseconds; 0: never */
} exchange_manners;
#define EXCHANGE_POLITE                                                                            \
    ((exchange_manners){.cut_send_at = UINT64_MAX, .cut_receive_at = UINT64_MAX})

typedef struct {
    const char *method;
    const char *url;
    exchange_header headers[EXCHANGE_HEADERS_MOST];
    size_t header_count;
    const auth *auth;       /* NULL: none; the same for all requests of one lane */
    exchange_field *fields; /* wanted of the answer; the caller's */
    size_t field_count;
    uint64_t body_length; /* EXCHANGE_LENGTH_NONE: no body */
    /* Fills `bytes` with up to `length` body bytes from `offset` on. */
    void (*send)(void *owner, uint64_t offset, void *bytes, size_t length);
    /* Takes received body bytes; false stops the exchange (failure abandoned). Not called for
     * status >= 400. */
    bool (*receive)(void *owner, const void *bytes, size_t length);
    void *owner;
    uint64_t timeout; /* nanoseconds for the whole exchange; 0: the loop's default */
    exchange_manners manners;
} exchange_request;

#define EXCHANGE_PROBLEM_MOST 2048

typedef struct {
    unsigned status;   /* 0: no answer */
    failure failure;   /* FAILURE_NONE for a complete answer, whatever its status */
    bool sent_any;     /* at least one byte of the request left this process on a connection */
    uint64_t sent;     /* body bytes taken from `send` */
    uint64_t received; /* body bytes given to `receive` */
    uint64_t length;   /* Content-Length, or EXCHANGE_LENGTH_NONE */
    uint64_t invoke;   /* monotonic, before the first byte */
    uint64_t finish;   /* monotonic, after the last */
    char etag[96];
    uint64_t version; /* X-Version; 0: none */
    uint64_t offset;  /* Upload-Offset; EXCHANGE_LENGTH_NONE: none */
    char location[512];
    char content_range[96];
    uint64_t retry_after;                /* nanoseconds; 0: none */
    char problem[EXCHANGE_PROBLEM_MOST]; /* the body of a status >= 400, cut to fit */
    size_t problem_length;
    char error_text[160]; /* libcurl's sentence when failure is not none */
} exchange_answer;

void exchange_run(loop_lane *lane, const exchange_request *request, exchange_answer *answer);

/* Takes what the harness needs out of one field line of an answer's head. For exchange.c, and for
 * those who bring answers without a network. */
void exchange_take_line(exchange_answer *answer, const char *bytes, size_t length);

#endif
