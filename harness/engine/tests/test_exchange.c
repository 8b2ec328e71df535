/* The loop and its exchanges against a real, small and nasty server on loopback. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/timing.h"
#include "engine/exchange.h"
#include "engine/loop.h"

typedef struct {
    int listening;
    uint16_t port;
    pthread_t thread;
    atomic_int connections;
} nasty_server;

static bool read_head(int fd, char *head, size_t size)
{
    size_t used = 0;
    while (used + 1 < size) {
        ssize_t n = recv(fd, head + used, 1, 0);
        if (n <= 0)
            return false;
        used += (size_t)n;
        head[used] = '\0';
        if (used >= 4 && strcmp(head + used - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static void say(int fd, const char *text)
{
    cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void reset(int fd)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* What the path asks for is what the server does; false ends the connection. */
static bool serve_one(int fd)
{
    char head[4096];
    char body[4096];
    if (!read_head(fd, head, sizeof head))
        return false;
    if (strstr(head, " /fine ") != NULL) {
        say(fd,
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"abc\"\r\nX-Version: 12\r\n\r\nhello");
        return true;
    }
    if (strstr(head, " /problem ") != NULL) {
        say(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 2\r\n\r\nbusy");
        return true;
    }
    if (strstr(head, " /short ") != NULL)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
    if (strstr(head, " /nonsense ") != NULL)
        say(fd, "what is this\r\n\r\n");
    if (strstr(head, " /reset ") != NULL)
        reset(fd);
    /* To the peer's end: closing with bytes unread would reset the connection before the peer acts.
     */
    while (strstr(head, " /never ") != NULL && recv(fd, body, sizeof body, 0) > 0)
        ;
    return false;
}

static void *serve_connection(void *argument)
{
    int fd = (int)(intptr_t)argument;
    while (serve_one(fd))
        ;
    close(fd);
    return NULL;
}

static void *serve(void *argument)
{
    nasty_server *s = argument;
    for (;;) {
        int fd = accept(s->listening, NULL, NULL);
        if (fd < 0)
            return NULL;
        atomic_fetch_add(&s->connections, 1);
        pthread_t thread;
        pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
}

static void start_server(nasty_server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    s->listening = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(s->listening, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(s->listening, 512), 0);
    cr_assert_eq(getsockname(s->listening, (struct sockaddr *)&address, &length), 0);
    s->port = ntohs(address.sin_port);
    pthread_create(&s->thread, NULL, serve, s);
}

static void stop_server(nasty_server *s)
{
    shutdown(s->listening, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listening);
}

typedef struct {
    char url[128];
    const char *method;
    uint64_t body_length;
    uint64_t timeout;
    exchange_manners manners;
    exchange_answer answer;
    int times;
    int timeouts;
    char received[64];
    size_t received_length;
} errand;

static void send_letters(void *owner, uint64_t offset, void *bytes, size_t length)
{
    (void)owner;
    (void)offset;
    memset(bytes, 'x', length);
}

static bool keep_bytes(void *owner, const void *bytes, size_t length)
{
    errand *e = owner;
    if (e->received_length + length > sizeof e->received)
        return false;
    memcpy(e->received + e->received_length, bytes, length);
    e->received_length += length;
    return true;
}

static void run_errand(loop_lane *lane, void *argument)
{
    errand *e = argument;
    for (int i = 0; i < e->times; i++) {
        exchange_request request = {.method = e->method,
                                    .url = e->url,
                                    .body_length = e->body_length,
                                    .send = send_letters,
                                    .receive = keep_bytes,
                                    .owner = e,
                                    .timeout = e->timeout,
                                    .manners = e->manners};
        e->received_length = 0;
        exchange_run(lane, &request, &e->answer);
        e->timeouts += e->answer.failure == FAILURE_TIMEOUT;
    }
}

static errand make_errand(const nasty_server *s, const char *path)
{
    errand e = {.method = "GET",
                .body_length = EXCHANGE_LENGTH_NONE,
                .manners = EXCHANGE_POLITE,
                .times = 1,
                .timeout = 5 * NANOSECONDS_PER_SECOND};
    snprintf(e.url, sizeof e.url, "http://127.0.0.1:%u%s", s->port, path);
    return e;
}

static void run_errands(errand *errands, size_t count)
{
    error problem = {0};
    loop *l = loop_create(count, 65536, &problem);
    cr_assert_not_null(l, "%s", problem.text);
    for (size_t i = 0; i < count; i++)
        cr_assert_not_null(loop_start(l, run_errand, &errands[i]));
    loop_run(l);
    loop_destroy(l);
}

Test(exchange, a_fine_answer_brings_status_headers_and_body_on_one_connection)
{
    nasty_server s = {0};
    start_server(&s);
    errand e = make_errand(&s, "/fine");
    e.times = 20;
    run_errands(&e, 1);
    cr_assert_eq(e.answer.failure, FAILURE_NONE);
    cr_assert_eq(e.answer.status, 200);
    cr_assert_eq(e.answer.version, 12);
    cr_assert_eq(e.answer.length, 5);
    cr_assert_str_eq(e.answer.etag, "\"abc\"");
    cr_assert_eq(memcmp(e.received, "hello", 5), 0);
    cr_assert(e.answer.invoke < e.answer.finish);
    cr_assert_eq(atomic_load(&s.connections), 1);
    stop_server(&s);
}

Test(exchange, each_way_to_fail_has_its_name)
{
    nasty_server s = {0};
    start_server(&s);
    static const struct {
        const char *path;
        failure failure;
        unsigned status;
    } cases[] = {{"/short", FAILURE_TRUNCATED, 200}, {"/nonsense", FAILURE_MALFORMED, 0},
                 {"/reset", FAILURE_RESET, 0},       {"/close", FAILURE_RESET, 0},
                 {"/never", FAILURE_TIMEOUT, 0},     {"/problem", FAILURE_NONE, 503}};
    errand errands[6];
    for (int i = 0; i < 6; i++) {
        errands[i] = make_errand(&s, cases[i].path);
        /* The others end by what the server does, however long it takes to do it. */
        if (cases[i].failure == FAILURE_TIMEOUT)
            errands[i].timeout = 500 * NANOSECONDS_PER_MILLISECOND;
    }
    run_errands(errands, 6);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(errands[i].answer.failure, cases[i].failure, "%s: %d %s", cases[i].path,
                     errands[i].answer.failure, errands[i].answer.error_text);
        cr_assert_eq(errands[i].answer.status, cases[i].status, "%s", cases[i].path);
        cr_assert(errands[i].answer.sent_any);
    }
    cr_assert_str_eq(errands[5].answer.problem, "busy");
    cr_assert_eq(errands[5].answer.retry_after, 2 * NANOSECONDS_PER_SECOND);
    stop_server(&s);
    errand refused = make_errand(&s, "/fine");
    run_errands(&refused, 1);
    cr_assert_eq(refused.answer.failure, FAILURE_CONNECT);
    cr_assert_not(refused.answer.sent_any);
}

/* A kept connection that dies under a write must not be tried again behind our back. */
Test(exchange, a_request_is_never_sent_twice)
{
    nasty_server s = {0};
    start_server(&s);
    errand e = make_errand(&s, "/reset");
    e.method = "DELETE";
    run_errands(&e, 1);
    cr_assert_eq(e.answer.failure, FAILURE_RESET);
    cr_assert_eq(atomic_load(&s.connections), 1);
    stop_server(&s);
}

Test(exchange, a_cut_body_drops_the_connection_where_it_was_asked_to)
{
    nasty_server s = {0};
    start_server(&s);
    errand e = make_errand(&s, "/never");
    e.method = "PUT";
    e.body_length = 1 << 20;
    e.manners.cut_send_at = 100000;
    run_errands(&e, 1);
    cr_assert_eq(e.answer.failure, FAILURE_ABANDONED);
    cr_assert_eq(e.answer.sent, 100000);
    stop_server(&s);
}

Test(exchange, who_loses_patience_walks_away)
{
    nasty_server s = {0};
    start_server(&s);
    errand e = make_errand(&s, "/never");
    e.manners.patience = 20 * NANOSECONDS_PER_MILLISECOND;
    run_errands(&e, 1);
    cr_assert_eq(e.answer.failure, FAILURE_ABANDONED);
    e = make_errand(&s, "/fine");
    e.manners.patience = 4 * NANOSECONDS_PER_SECOND;
    run_errands(&e, 1);
    cr_assert_eq(e.answer.failure, FAILURE_NONE);
    stop_server(&s);
}

#define CROWD 8

/* libcurl closes a socket that is still connecting without asking us to. */
Test(exchange, connections_given_up_before_they_are_made_do_no_harm)
{
    nasty_server deaf = {0};
    nasty_server s = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int crowd[CROWD];
    start_server(&s);
    deaf.listening = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(deaf.listening, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(deaf.listening, 0), 0);
    cr_assert_eq(getsockname(deaf.listening, (struct sockaddr *)&address, &length), 0);
    deaf.port = ntohs(address.sin_port);
    /* They fill its queue: later ones wait for their connection. */
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(crowd[i], (struct sockaddr *)&address, sizeof address);
    }
    errand errands[4];
    for (int i = 0; i < 4; i++) {
        /* After a short answer the next request needs a connection of its own. */
        errands[i] = make_errand(i < 2 ? &deaf : &s, "/short");
        errands[i].times = i < 2 ? 20 : 100;
        errands[i].manners.patience = i < 2 ? 3 * NANOSECONDS_PER_MILLISECOND : 0;
    }
    run_errands(errands, 4);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(errands[i].answer.failure, i < 2 ? FAILURE_ABANDONED : FAILURE_TRUNCATED,
                     "%d: %s", i, errands[i].answer.error_text);
    cr_assert_eq(errands[2].timeouts + errands[3].timeouts, 0);
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
    close(deaf.listening);
    stop_server(&s);
}

Test(exchange, three_hundred_lanes_work_at_once)
{
    nasty_server s = {0};
    start_server(&s);
    static errand errands[300];
    for (int i = 0; i < 300; i++) {
        errands[i] = make_errand(&s, "/fine");
        errands[i].times = 10;
    }
    run_errands(errands, 300);
    for (int i = 0; i < 300; i++)
        cr_assert_eq(errands[i].answer.status, 200);
    stop_server(&s);
}

static void *stop_soon(void *argument)
{
    timing_sleep(50 * NANOSECONDS_PER_MILLISECOND);
    loop_stop(argument);
    return NULL;
}

static void sleep_long(loop_lane *lane, void *argument)
{
    lane_sleep(lane, 1000 * NANOSECONDS_PER_SECOND);
    *(bool *)argument = loop_stopping(lane_loop(lane));
}

Test(loop, a_stop_wakes_sleepers_and_interrupts_exchanges)
{
    nasty_server s = {0};
    start_server(&s);
    error problem = {0};
    bool woken = false;
    errand e = make_errand(&s, "/never");
    loop *l = loop_create(2, 65536, &problem);
    loop_start(l, run_errand, &e);
    loop_start(l, sleep_long, &woken);
    cr_assert_null(loop_start(l, sleep_long, &woken));
    pthread_t thread;
    pthread_create(&thread, NULL, stop_soon, l);
    loop_run(l);
    pthread_join(thread, NULL);
    loop_destroy(l);
    cr_assert(woken);
    cr_assert_eq(e.answer.failure, FAILURE_INTERRUPTED);
    stop_server(&s);
}

/* All times count from one moment: the lanes themselves begin one after the other, and the machine
 * may do something else in between. */
static uint64_t order_began;

static void note_order(loop_lane *lane, void *argument)
{
    static int next;
    int *mine = argument;
    lane_sleep_until(lane, order_began + (uint64_t)*mine * NANOSECONDS_PER_MILLISECOND);
    *mine = next++;
}

Test(loop, sleepers_wake_in_the_order_of_their_times)
{
    error problem = {0};
    int delays[] = {50, 10, 40, 20, 30};
    static const int order[] = {4, 0, 3, 1, 2};
    loop *l = loop_create(5, 65536, &problem);
    order_began = timing_now();
    for (int i = 0; i < 5; i++)
        loop_start(l, note_order, &delays[i]);
    loop_run(l);
    loop_destroy(l);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(delays[i], order[i]);
}
