#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include "base/arena.h"
#include "live/web.h"

#define CONNECTIONS_MOST 16
#define PIECE            4096
#define GOODBYE_SECONDS  2

/* One kept state, as the event that is sent. */
typedef struct {
    uint64_t number;
    char *text;
    size_t length;
} kept_state;

struct web_server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    const char *page;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    kept_state states[WEB_STATES_MOST];
    size_t count;
    uint64_t added;
    unsigned listeners;
    bool ended;
};

/* How far one listener is. */
typedef struct {
    web_server *server;
    uint64_t next; /* number of the state that it has not begun */
    buffer rest;   /* of what is being sent */
    size_t sent;
    bool told_end;
} listener;

/* --- the states --- */

static void thin_out(web_server *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (i % 2 == 0)
            s->states[kept++] = s->states[i];
        else
            free(s->states[i].text);
    }
    s->count = kept;
}

void web_add(web_server *s, const live_state *state)
{
    buffer text = {0};
    buffer_text_append(&text, "data: ");
    web_write_state(state, &text);
    buffer_text_append(&text, "\n\n");
    pthread_mutex_lock(&s->lock);
    if (s->count == WEB_STATES_MOST)
        thin_out(s);
    s->states[s->count++] = (kept_state){s->added++, text.bytes, text.length};
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* --- a listener, on a thread of its own --- */

/* With the lock held: puts what it has not seen into `rest`. */
static void take_news(listener *l)
{
    const web_server *s = l->server;
    for (size_t i = 0; i < s->count; i++)
        if (s->states[i].number >= l->next)
            buffer_append(&l->rest, s->states[i].text, s->states[i].length);
    l->next = s->added;
    if (s->ended && !l->told_end) {
        buffer_text_append(&l->rest, "event: end\ndata: {}\n\n");
        l->told_end = true;
    }
}

static ssize_t send_events(void *owner, uint64_t position, char *out, size_t most)
{
    listener *l = owner;
    (void)position;
    if (l->sent == l->rest.length) {
        buffer_clear(&l->rest);
        l->sent = 0;
        pthread_mutex_lock(&l->server->lock);
        while (l->next == l->server->added && !l->server->ended)
            pthread_cond_wait(&l->server->changed, &l->server->lock);
        take_news(l);
        pthread_mutex_unlock(&l->server->lock);
    }
    size_t left = l->rest.length - l->sent;
    size_t length = left < most ? left : most;
    if (length == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(out, buffer_text(&l->rest) + l->sent, length);
    l->sent += length;
    return (ssize_t)length;
}

static void end_listener(void *owner)
{
    listener *l = owner;
    web_server *s = l->server;
    buffer_free(&l->rest);
    free(l);
    pthread_mutex_lock(&s->lock);
    s->listeners--;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* --- answers --- */

static enum MHD_Result send_answer(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response, const char *type)
{
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text, const char *type)
{
    return send_answer(connection, status,
                       MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                                       MHD_RESPMEM_PERSISTENT),
                       type);
}

static enum MHD_Result answer_events(web_server *s, struct MHD_Connection *connection)
{
    listener *l = memory_zeroed(1, sizeof *l);
    l->server = s;
    pthread_mutex_lock(&s->lock);
    s->listeners++;
    pthread_mutex_unlock(&s->lock);
    return send_answer(
        connection, MHD_HTTP_OK,
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, send_events, l, end_listener),
        "text/event-stream");
}

/* A page from elsewhere that had its name resolved to 127.0.0.1 asks under that name. */
static bool asked_by_name(const web_server *s, struct MHD_Connection *connection)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    const char *asked =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    for (size_t i = 0; asked != NULL && i < sizeof hosts / sizeof hosts[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s:%u", hosts[i], s->port);
        if (strcmp(asked, name) == 0)
            return true;
    }
    return false;
}

static enum MHD_Result answer(void *owner, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_size, void **state)
{
    web_server *s = owner;
    (void)version;
    (void)body;
    (void)state;
    *body_size = 0;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n", "text/plain");
    if (!asked_by_name(s, connection))
        return answer_text(connection, MHD_HTTP_FORBIDDEN, "ask for 127.0.0.1 or localhost\n",
                           "text/plain");
    if (strcmp(url, "/") == 0)
        return answer_text(connection, MHD_HTTP_OK, s->page, "text/html; charset=utf-8");
    if (strcmp(url, "/events") == 0)
        return answer_events(s, connection);
    if (strcmp(url, "/favicon.ico") == 0)
        return answer_text(connection, MHD_HTTP_NO_CONTENT, "", "image/x-icon");
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "GET / or /events\n", "text/plain");
}

web_server *web_serve(uint16_t port, const char *page, error *e)
{
    char place[64];
    snprintf(place, sizeof place, "--web %u", port);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    web_server *s = memory_zeroed(1, sizeof *s);
    s->page = page;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    errno = 0;
    /* A thread for each connection, because a listener waits in its callback. */
    s->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, port,
                         NULL, NULL, answer, s, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST, MHD_OPTION_END);
    const union MHD_DaemonInfo *bound =
        s->daemon != NULL ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (bound == NULL) {
        error_set(e, ERROR_USAGE, place, "cannot listen on 127.0.0.1: %s",
                  errno != 0 ? strerror(errno) : "the HTTP server does not start");
        web_stop(s);
        return NULL;
    }
    s->port = bound->port;
    return s;
}

uint16_t web_server_port(const web_server *s)
{
    return s->port;
}

/* Stopping the daemon cuts connections off, so listeners get a moment to hear of the end. */
static void say_goodbye(web_server *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GOODBYE_SECONDS;
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_broadcast(&s->changed);
    while (s->listeners > 0 && pthread_cond_timedwait(&s->changed, &s->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&s->lock);
}

void web_stop(web_server *s)
{
    if (s == NULL)
        return;
    say_goodbye(s);
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    for (size_t i = 0; i < s->count; i++)
        free(s->states[i].text);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
