/* What loop.c and exchange.c share; nobody else includes it. */
#ifndef ORDEAL_ENGINE_LOOP_PARTS_H
#define ORDEAL_ENGINE_LOOP_PARTS_H

#include <curl/curl.h>

#include "engine/exchange.h"
#include "engine/loop.h"

typedef struct shard shard;

typedef enum { WAIT_NOTHING, WAIT_SLEEP, WAIT_EXCHANGE } lane_wait;

struct loop_lane {
    loop *loop;
    shard *shard;
    coroutine *coroutine;
    loop_lane *next_free;
    void (*body)(loop_lane *lane, void *argument);
    void *argument;
    lane_wait waits;
    uint64_t wake_at;
    size_t heap_place; /* 1-based in the loop's heap of sleepers; 0: not in it */
    CURL *easy;        /* made at first use, pinned, never reset */
    CURLcode result;
    bool interrupted;
    char error_text[CURL_ERROR_SIZE];
    /* The exchange in work. */
    const exchange_request *request;
    exchange_answer *answer;
    struct curl_slist *headers;
    unsigned requests_begun;
    bool fresh_connection;
    CURLU *address; /* of the last request, in parts; NULL: none, or it does not come apart */
    char *origin;   /* scheme, host and port of `address` */
};

void lane_set_url(loop_lane *lane, const char *url);
void lane_forget_url(loop_lane *lane);

/* Of each direction and lane: libcurl's own buffers are most of what a client needs. */
size_t loop_buffer_size(const loop *l);
/* Hands the prepared easy handle to the lane's multi handle and waits for its end. */
void loop_transfer(loop_lane *lane);
/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION of every easy handle; `owner` is the
 * loop. */
curl_socket_t loop_open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address);
int loop_close_socket(void *owner, curl_socket_t fd);

#endif
