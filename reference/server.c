#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "base/timing.h"
#include "deadline.h"
#include "farewell.h"
#include "framing.h"
#include "metrics.h"
#include "paths.h"
#include "rate.h"
#include "routes.h"
#include "watchers.h"

/* For a head and a piece of the body. libmicrohttpd clears all of it for each request. Up to 32 KiB
 * it takes from the heap, which keeps what a crowd once needed; more than that it maps, and gives
 * back as soon as the connection ends. */
#define CONNECTION_MEMORY ((size_t)36 * 1024)

struct server {
    struct MHD_Daemon *daemon;
    farewell *farewell;
    deadline *deadline;
    service *service;
    uint16_t port;
    atomic_uint_fast64_t traces; /* counts on from a random number */
    atomic_bool leaving;         /* nobody new is let in */
};

/* --- one request --- */

/* Continues the caller's trace, or begins one. "00-" 32 digits "-" 16 digits "-" 2 digits. */
static void take_trace(server *s, request *r)
{
    const char *given = request_header(r, "traceparent");
    bool fits = given != NULL && strlen(given) == 55 && strncmp(given, "00-", 3) == 0 &&
                strspn(given + 3, "0123456789abcdef") == 32 && given[35] == '-';
    if (fits) {
        memcpy(r->trace, given + 3, 32);
        r->trace[32] = '\0';
        return;
    }
    /* Nobody's secret, and asking the kernel for each would cost more than all the rest here. */
    uint64_t number = atomic_fetch_add(&s->traces, 2);
    uint64_t words[] = {random_mix(number), random_mix(number + 1)};
    sodium_bin2hex(r->trace, sizeof r->trace, (const unsigned char *)words, sizeof words);
}

static const char *decode_tail(request *r, route_tail tail)
{
    char raw[3 * PATH_LONGEST + 1];
    if (tail.length >= sizeof raw)
        return "the name is too long";
    memcpy(raw, tail.at, tail.length);
    raw[tail.length] = '\0';
    return path_decode(raw, r->tail, sizeof r->tail);
}

static void refuse_method(request *r, const char *url)
{
    char allowed[128];
    const char *headers[] = {"Allow", allowed, NULL};
    routes_allowed(url, allowed, sizeof allowed);
    r->headers = headers;
    answer_problem(r, PROBLEM_METHOD, "another method is for this address");
    r->headers = NULL;
}

static void find_route(request *r, const char *url)
{
    route_tail tail = {url, 0};
    bool known = false;
    const route *way = routes_find(r->method, url, &tail, &known);
    if (way == NULL && known) {
        refuse_method(r, url);
        return;
    }
    if (way == NULL) {
        answer_problem(r, PROBLEM_NOT_FOUND, "there is no such address");
        return;
    }
    r->route = way;
    if (strchr(way->template, '{') == NULL)
        return;
    const char *wrong = decode_tail(r, tail);
    if (wrong != NULL)
        answer_problem(r, PROBLEM_VALIDATION, wrong);
}

static watched *watched_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    CHECK(info != NULL);
    return info->socket_context;
}

/* Buckets are by address: nobody has to say who he is. */
static bool has_token(request *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (r->service->rate == NULL || r->route->access == FOR_ALL || info == NULL)
        return true;
    const struct sockaddr_in *address = (const void *)info->client_addr;
    return rate_take(r->service->rate, (uint64_t)ntohl(address->sin_addr.s_addr) + 1, timing_now(),
                     &r->retry_after);
}

/* For clients behind proxies that know only GET and POST, as tus 1.0.0 asks. What is safe stays
 * safe.
 */
static const char *overridden(request *r, const char *method)
{
    static const char *const known[] = {"HEAD", "POST", "PATCH", "DELETE", "OPTIONS"};
    const char *other = request_header(r, "X-HTTP-Method-Override");
    bool changes = strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0 ||
                   strcmp(method, "DELETE") == 0;
    for (size_t i = 0; other != NULL && changes && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(other, known[i]) == 0)
            return known[i];
    return method;
}

static request *open_request(server *s, struct MHD_Connection *connection, const char *method)
{
    request *r = memory_zeroed(1, sizeof *r);
    r->service = s->service;
    r->connection = connection;
    r->method = overridden(r, method);
    r->route = &route_none;
    r->began = timing_now();
    r->body_length = NO_LENGTH;
    r->head_only = strcmp(method, "HEAD") == 0;
    take_trace(s, r);
    return r;
}

static void check_head(request *r, const char *http_version)
{
    const char *detail = "";
    problem_code wrong = framing_check(r, http_version, &detail);
    r->closes = wrong != PROBLEM_NONE || r->body_length > 0;
    atomic_fetch_add(&r->service->metrics->in_work, 1);
    if (wrong != PROBLEM_NONE)
        answer_problem(r, wrong, detail);
}

/* What a proxy is asked is asked of us. */
static const char *origin_form(const char *url)
{
    if (strncmp(url, "http://", 7) != 0)
        return url;
    const char *path = strchr(url + 7, '/');
    return path != NULL ? path : "/";
}

static void begin_request(request *r, const char *url)
{
    uint64_t in_work = atomic_load(&r->service->metrics->in_work);
    r->begun = true;
    find_route(r, origin_form(url));
    /* Those who watch the server are told what is going on, then most of all. */
    if (!r->answered && in_work > r->service->limits.in_work_most && r->route->access != FOR_ALL)
        answer_problem(r, PROBLEM_OVERLOADED, "too many requests are in work; nothing was done");
    if (!r->answered && !has_token(r))
        answer_problem(r, PROBLEM_RATE, "this client asks too often; nothing was done");
    if (!r->answered && accounts_admit(r)) {
        snprintf(r->path, sizeof r->path, "%s%s", r->scope, r->tail);
        r->route->begin(r);
    }
    /* From here on the body is read to its end before anything is answered. */
    if (!r->answered)
        r->closes = false;
}

static enum MHD_Result handle(void *owner, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *http_version, const char *content,
                              size_t *upload_size, void **state)
{
    request *r = *state;
    if (r == NULL) {
        r = open_request(owner, connection, method);
        *state = r;
        r->watched = watched_of(connection);
        deadline_begin(r->watched);
        check_head(r, http_version);
        /* Not without a body: libmicrohttpd would take an answer for an early one, and close. */
        if (!r->answered && r->body_length > 0)
            begin_request(r, url);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        r->body_received += *upload_size;
        if (!r->answered && r->route->body != NULL)
            r->route->body(r, content, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!r->answered && !r->begun)
        begin_request(r, url);
    if (!r->answered && r->body_length != NO_LENGTH && r->body_received != r->body_length)
        answer_problem(r, PROBLEM_VALIDATION, "the content is shorter than Content-Length");
    if (!r->answered)
        r->route->finish(r);
    return MHD_YES;
}

static void log_problem(const request *r, uint64_t nanoseconds)
{
    const problem_row *row = problem_of(r->problem);
    log_event event;
    log_event_begin(&event, row->status >= 500 ? LOG_ERROR : LOG_INFO, "request_failed");
    writer_put_text(&event.fields, "endpoint", r->route->template);
    writer_put_text(&event.fields, "method", r->method);
    writer_put_whole(&event.fields, "status", r->status);
    writer_put_text(&event.fields, "kind", row->code);
    writer_put_text(&event.fields, "trace_id", r->trace);
    writer_put_real(&event.fields, "duration_ms", (double)nanoseconds / 1e6);
    log_event_end(&event);
}

static void completed(void *owner, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code)
{
    server *s = owner;
    request *r = *state;
    if (r == NULL)
        return;
    uint64_t nanoseconds = timing_now() - r->began - r->waited;
    deadline_end(r->watched);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (r->closes && info != NULL)
        farewell_take(s->farewell, info->connect_fd);
    if (r->state != NULL && r->route->abandon != NULL)
        r->route->abandon(r);
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        atomic_fetch_add(&s->service->metrics->abandoned, 1);
    metrics_count(s->service->metrics, r, nanoseconds);
    atomic_fetch_sub(&s->service->metrics->in_work, 1);
    if (r->problem != PROBLEM_NONE)
        log_problem(r, nanoseconds);
    free(r);
    *state = NULL;
}

static void connection_changed(void *owner, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    server *s = owner;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    CHECK(info != NULL);
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *context = deadline_watch(s->deadline, info->connect_fd);
    else
        deadline_forget(s->deadline, *context);
}

/* Names are decoded where they are checked (paths.c): decoded earlier, %2F and / would be one. */
static size_t leave_escaped(void *owner, struct MHD_Connection *connection, char *text)
{
    (void)owner;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result let_in(void *owner, const struct sockaddr *address, socklen_t length)
{
    const server *s = owner;
    (void)address;
    (void)length;
    return atomic_load(&s->leaving) ? MHD_NO : MHD_YES;
}

/* --- life --- */

static bool listen_address(const server_options *options, struct sockaddr_in *address, error *e)
{
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(options->port)};
    return inet_pton(AF_INET, options->host, &address->sin_addr) == 1 ||
           error_set(e, ERROR_USAGE, "--host", "'%s' is not an IPv4 address", options->host);
}

server *server_start(const server_options *options, service *what, error *e)
{
    struct sockaddr_in address;
    if (!listen_address(options, &address, e))
        return NULL;
    server *s = memory_zeroed(1, sizeof *s);
    s->service = what;
    uint64_t first_trace;
    randombytes_buf(&first_trace, sizeof first_trace);
    atomic_init(&s->traces, first_trace);
    s->farewell = farewell_open();
    s->deadline = deadline_open(options->grace_seconds, options->least_rate);
    what->deadline = s->deadline;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, options->port, let_in, s, handle,
        s, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, options->threads,
        MHD_OPTION_CONNECTION_LIMIT, options->connections_most, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_seconds, MHD_OPTION_NOTIFY_COMPLETED, completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, s, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escaped, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_END);
    if (s->daemon == NULL) {
        error_errno(e, "server", "cannot listen on %s port %u", options->host, options->port);
        farewell_close(s->farewell);
        deadline_close(s->deadline);
        free(s);
        return NULL;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    CHECK(info != NULL);
    s->port = info->port;
    return s;
}

uint16_t server_port(const server *s)
{
    return s->port;
}

static bool in_work(const service *what)
{
    return atomic_load(&what->metrics->in_work) > 0 || watchers_count(what->watchers) > 0;
}

/* MHD_quiesce_daemon would refuse new connections too, but with epoll it races with the library's
 * own threads: both take the listening socket out of the set, and the second one aborts. */
void server_stop(server *s, unsigned seconds)
{
    atomic_store(&s->leaving, true);
    uint64_t until = timing_now() + seconds * NANOSECONDS_PER_SECOND;
    /* libmicrohttpd must not be stopped while a connection sleeps. */
    watchers_dismiss(s->service->watchers);
    while (in_work(s->service) && timing_now() < until)
        timing_sleep(5 * NANOSECONDS_PER_MILLISECOND);
    MHD_stop_daemon(s->daemon);
    farewell_close(s->farewell);
    deadline_close(s->deadline);
    free(s);
}
