/* What loop.c and exchange.c share; nobody else includes it. */
#ifndef ORDEAL_ENGINE_LOOP_PARTS_H
#define ORDEAL_ENGINE_LOOP_PARTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/exchange.h"
#include "engine/loop.h"

typedef struct shard shard;

typedef enum { WAIT_NOTHING, WAIT_SLEEP, WAIT_EXCHANGE } lane_wait;

/* What an easy handle was told of the last request: telling it again costs. */
typedef struct {
    char method[16];
    uint64_t body_length;
    uint64_t send_rate;
    uint64_t receive_rate;
    bool fresh_connection;
} request_shape;

struct loop_lane {
    loop *loop;
    shard *shard;
    coroutine *coroutine;
    loop_lane *next_free;
    void (*body)(loop_lane *lane, void *argument);
    void *argument;
    lane_wait waits;
    uint64_t wake_at;
    size_t heap_place; /* from 1 on, in the heap of lanes that wait for a time; 0: not in it */
    CURL *easy;        /* made at first use, pinned, never reset */
    CURLcode result;
    bool interrupted;
    char error_text[CURL_ERROR_SIZE];
    /* The exchange in work. */
    const exchange_request *request;
    exchange_answer *answer;
    /* libcurl knows the first for good; its text switches off the Accept that libcurl would send.
     */
    struct curl_slist headers[EXCHANGE_HEADERS_MOST + 2];
    char *header_text; /* of all but the first; NULL: there are no others */
    unsigned requests_begun;
    request_shape shape;
    bool fresh_connection;
    const auth *auth;   /* applied to `easy` */
    CURLU *address;     /* of the last request, in parts; NULL: none, or it does not come apart */
    char *origin;       /* scheme, host and port of `address` */
    bool has_query;     /* `address` */
    char last_url[160]; /* what `address` says; empty: longer */
};

void lane_set_url(loop_lane *lane, const char *url);
void lane_forget_url(loop_lane *lane);

/* Of each direction and lane: libcurl's own buffers are most of what a client needs. */
size_t loop_buffer_size(const loop *l);
/* Hands the prepared easy handle to the lane's multi handle and waits for its end, or until then:
 * CURLE_OPERATION_TIMEDOUT. libcurl's own time-outs cost more. */
void loop_transfer(loop_lane *lane, uint64_t until);
/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION of every easy handle; `owner` is the
 * loop. */
curl_socket_t loop_open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address);
int loop_close_socket(void *owner, curl_socket_t fd);

#endif
