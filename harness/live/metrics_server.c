#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "live/metrics.h"

#define CONNECTIONS_MOST 16
#define IDLE_SECONDS     10

struct metrics_server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    pthread_mutex_t lock;
    buffer text;
};

static enum MHD_Result answer_with(struct MHD_Connection *connection, unsigned status,
                                   const char *text, size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/plain; version=0.0.4; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *owner, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_size, void **state)
{
    metrics_server *s = owner;
    (void)version;
    (void)body;
    (void)state;
    *body_size = 0;
    bool reads =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    if (!reads || strcmp(url, "/metrics") != 0) {
        static const char hint[] = "GET /metrics\n";
        return answer_with(connection, reads ? MHD_HTTP_NOT_FOUND : MHD_HTTP_METHOD_NOT_ALLOWED,
                           hint, sizeof hint - 1);
    }
    pthread_mutex_lock(&s->lock);
    enum MHD_Result result =
        answer_with(connection, MHD_HTTP_OK, buffer_text(&s->text), s->text.length);
    pthread_mutex_unlock(&s->lock);
    return result;
}

metrics_server *metrics_serve(uint16_t port, error *e)
{
    char place[64];
    snprintf(place, sizeof place, "--metrics-port %u", port);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    metrics_server *s = memory_zeroed(1, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    errno = 0;
    s->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, port, NULL, NULL, answer, s,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    const union MHD_DaemonInfo *bound =
        s->daemon != NULL ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (bound == NULL) {
        error_set(e, ERROR_USAGE, place, "cannot listen on 127.0.0.1: %s",
                  errno != 0 ? strerror(errno) : "the HTTP server does not start");
        metrics_stop(s);
        return NULL;
    }
    s->port = bound->port;
    return s;
}

uint16_t metrics_server_port(const metrics_server *s)
{
    return s->port;
}

void metrics_set(metrics_server *s, const live_state *state)
{
    pthread_mutex_lock(&s->lock);
    buffer_clear(&s->text);
    metrics_write(state, &s->text);
    pthread_mutex_unlock(&s->lock);
}

void metrics_stop(metrics_server *s)
{
    if (s == NULL)
        return;
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    pthread_mutex_destroy(&s->lock);
    buffer_free(&s->text);
    free(s);
}
