#include "engine/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"
#include "engine/curl_memory.h"
#include "engine/lane_heap.h"
#include "engine/loop_parts.h"
#include "engine/watched.h"

/* One multi handle scans all its connections at every request and one per client costs two
 * descriptors and 40 KiB. */
#define LANES_PER_SHARD 16
#define EVENTS_AT_ONCE  256
/* Buffers as large as helps big contents, as long as all of them fit; libcurl takes no smaller ones
 * for sending than the least. */
#define BUFFER_MOST  ((size_t)64 << 10)
#define BUFFER_LEAST ((size_t)16 << 10)
#define BUFFERS_MOST ((size_t)64 << 20) /* of one loop and direction */
#define LANE_MEMORY  ((size_t)24 << 10) /* measured: handle, connection, lane; without buffers */
#define NO_DEADLINE  UINT64_MAX

struct shard {
    loop *loop;
    uint32_t number;
    CURLM *multi;
    uint64_t deadline;
};

struct loop {
    int epoll;
    int wake;
    atomic_bool stop_asked;
    atomic_bool hurry_asked;
    bool stopping;
    size_t lanes_most;
    size_t alive;
    loop_lane *lanes;
    loop_lane *free_lanes;
    shard *shards;
    size_t shard_count;
    watch_table watched;
    lane_heap waiting; /* sleepers, and exchanges until their time is over */
    coroutine_pool *pool;
};

/* --- what libcurl tells --- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *socket_owner)
{
    (void)easy;
    (void)socket_owner;
    shard *s = owner;
    uint32_t wanted = what == CURL_POLL_REMOVE
                          ? 0
                          : (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                                (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    watch_table_want(&s->loop->watched, fd, s->number, wanted);
    return 0;
}
static int on_timer(CURLM *multi, long milliseconds, void *owner)
{
    (void)multi;
    shard *s = owner;
    s->deadline = milliseconds < 0
                      ? NO_DEADLINE
                      : timing_now() + (uint64_t)milliseconds * NANOSECONDS_PER_MILLISECOND;
    return 0;
}

/* libcurl closes a socket that is still connecting without a word, and its number comes back as
 * another: whatever the table says of it is of the old one. */
curl_socket_t loop_open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    loop *l = owner;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0)
        watch_table_forget(&l->watched, fd);
    return fd;
}

/* The kernel forgets a closed descriptor by itself; so must the table. */
int loop_close_socket(void *owner, curl_socket_t fd)
{
    loop *l = owner;
    watch_table_forget(&l->watched, fd);
    return close(fd);
}

/* --- lanes --- */

static void run_lane(loop_lane *lane)
{
    lane->waits = WAIT_NOTHING;
    if (coroutine_resume(lane->coroutine))
        return;
    loop *l = lane->loop;
    lane->coroutine = NULL;
    lane->next_free = l->free_lanes;
    l->free_lanes = lane;
    l->alive--;
}

static void lane_main(void *argument)
{
    loop_lane *lane = argument;
    lane->body(lane, lane->argument);
}

static void wait_on(loop_lane *lane, lane_wait what)
{
    lane->waits = what;
    coroutine_wait(lane->coroutine);
}

loop_lane *loop_start(loop *l, void (*body)(loop_lane *lane, void *argument), void *argument)
{
    loop_lane *lane = l->free_lanes;
    if (lane == NULL)
        return NULL;
    lane->coroutine = coroutine_create(l->pool, lane_main, lane);
    if (lane->coroutine == NULL)
        return NULL;
    l->free_lanes = lane->next_free;
    l->alive++;
    lane->body = body;
    lane->argument = argument;
    lane->wake_at = 0;
    lane->waits = WAIT_SLEEP;
    lane_heap_add(&l->waiting, lane);
    return lane;
}

loop *lane_loop(loop_lane *lane)
{
    return lane->loop;
}

void lane_sleep_until(loop_lane *lane, uint64_t monotonic)
{
    if (lane->loop->stopping)
        return;
    lane->wake_at = monotonic;
    lane_heap_add(&lane->loop->waiting, lane);
    wait_on(lane, WAIT_SLEEP);
}

void lane_sleep(loop_lane *lane, uint64_t nanoseconds)
{
    lane_sleep_until(lane, timing_now() + nanoseconds);
}

void lane_disconnect(loop_lane *lane)
{
    lane->fresh_connection = true;
}

void loop_transfer(loop_lane *lane, uint64_t until)
{
    CURLM *multi = lane->shard->multi;
    lane->interrupted = false;
    lane->wake_at = until;
    lane_heap_add(&lane->loop->waiting, lane);
    CHECK(curl_multi_add_handle(multi, lane->easy) == CURLM_OK);
    wait_on(lane, WAIT_EXCHANGE);
    CHECK(curl_multi_remove_handle(multi, lane->easy) == CURLM_OK);
}

/* --- turns of the loop --- */

static void finish_transfers(shard *s)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(s->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        loop_lane *lane = NULL;
        CURLcode result = message->data.result;
        CHECK(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &lane) == CURLE_OK);
        CHECK(lane != NULL && lane->waits == WAIT_EXCHANGE);
        lane_heap_remove(&s->loop->waiting, lane);
        lane->result = result;
        run_lane(lane);
    }
}

static void socket_action(shard *s, curl_socket_t fd, int mask)
{
    int running;
    CHECK(curl_multi_socket_action(s->multi, fd, mask, &running) == CURLM_OK);
    finish_transfers(s);
}

static void handle_event(loop *l, const struct epoll_event *event)
{
    int fd = event->data.fd;
    if (fd == l->wake) {
        uint64_t count;
        (void)!read(l->wake, &count, sizeof count);
        return;
    }
    const watched *w = watch_table_at(&l->watched, fd);
    if (w->registered == 0)
        return;
    if (w->wanted == 0) {
        watch_table_rest(&l->watched, fd);
        return;
    }
    int mask = (event->events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (event->events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    socket_action(&l->shards[w->shard], fd, mask);
}

static void wake_due(loop *l, uint64_t now)
{
    for (loop_lane *lane = lane_heap_first(&l->waiting); lane != NULL && lane->wake_at <= now;
         lane = lane_heap_first(&l->waiting)) {
        lane_heap_remove(&l->waiting, lane);
        lane->result = CURLE_OPERATION_TIMEDOUT;
        run_lane(lane);
    }
}

static void run_due(loop *l)
{
    uint64_t now = timing_now();
    for (size_t i = 0; i < l->shard_count; i++) {
        shard *s = &l->shards[i];
        if (s->deadline <= now) {
            s->deadline = NO_DEADLINE;
            socket_action(s, CURL_SOCKET_TIMEOUT, 0);
        }
    }
    wake_due(l, now);
}

static uint64_t next_deadline(const loop *l)
{
    const loop_lane *first = lane_heap_first(&l->waiting);
    uint64_t next = first != NULL ? first->wake_at : NO_DEADLINE;
    for (size_t i = 0; i < l->shard_count; i++)
        if (l->shards[i].deadline < next)
            next = l->shards[i].deadline;
    return next;
}

/* Every lane that waits so is resumed. */
static void wake_all(loop *l, lane_wait what)
{
    for (size_t i = 0; i < l->lanes_most; i++) {
        loop_lane *lane = &l->lanes[i];
        if (lane->coroutine == NULL || lane->waits != what)
            continue;
        lane_heap_remove(&l->waiting, lane);
        lane->interrupted = true;
        run_lane(lane);
    }
}

/* They find loop_stopping true; one that waits again is resumed at once. */
static void interrupt_all(loop *l)
{
    l->stopping = true;
    wake_all(l, WAIT_SLEEP);
    wake_all(l, WAIT_EXCHANGE);
}

static void wait_for_events(loop *l)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t now = timing_now();
    uint64_t until = next_deadline(l);
    uint64_t wait = until == NO_DEADLINE ? NANOSECONDS_PER_SECOND : until > now ? until - now : 0;
    struct timespec limit = {.tv_sec = (time_t)(wait / NANOSECONDS_PER_SECOND),
                             .tv_nsec = (long)(wait % NANOSECONDS_PER_SECOND)};
    int count = epoll_pwait2(l->epoll, events, EVENTS_AT_ONCE, &limit, NULL);
    /* Before Linux 5.11, and under valgrind: milliseconds must do. */
    if (count < 0 && errno == ENOSYS)
        count = epoll_wait(
            l->epoll, events, EVENTS_AT_ONCE,
            (int)((wait + NANOSECONDS_PER_MILLISECOND - 1) / NANOSECONDS_PER_MILLISECOND));
    CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++)
        handle_event(l, &events[i]);
}

void loop_run(loop *l)
{
    while (l->alive > 0) {
        wait_for_events(l);
        if (atomic_load(&l->stop_asked) && !l->stopping)
            interrupt_all(l);
        if (atomic_exchange(&l->hurry_asked, false))
            wake_all(l, WAIT_SLEEP);
        run_due(l);
    }
}

static void wake_loop(loop *l)
{
    uint64_t one = 1;
    (void)!write(l->wake, &one, sizeof one);
}

void loop_stop(loop *l)
{
    atomic_store(&l->stop_asked, true);
    wake_loop(l);
}

void loop_hurry(loop *l)
{
    atomic_store(&l->hurry_asked, true);
    wake_loop(l);
}

bool loop_stopping(const loop *l)
{
    return l->stopping;
}

/* --- life --- */

static size_t buffer_size(size_t lanes)
{
    size_t share = BUFFERS_MOST / lanes / 4096 * 4096;
    return share > BUFFER_MOST ? BUFFER_MOST : share < BUFFER_LEAST ? BUFFER_LEAST : share;
}

size_t loop_buffer_size(const loop *l)
{
    return buffer_size(l->lanes_most);
}

uint64_t loop_memory(size_t lanes_most, size_t stack_size)
{
    /* A third of a stack is touched. */
    return (uint64_t)lanes_most * (LANE_MEMORY + 2 * buffer_size(lanes_most) + stack_size / 3);
}

static void open_shard(loop *l, uint32_t number)
{
    shard *s = &l->shards[number];
    *s = (shard){.loop = l, .number = number, .multi = curl_multi_init(), .deadline = NO_DEADLINE};
    CHECK(s->multi != NULL);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)LANES_PER_SHARD);
    curl_multi_setopt(s->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

static void open_lanes(loop *l)
{
    for (size_t i = l->lanes_most; i-- > 0;) {
        loop_lane *lane = &l->lanes[i];
        lane->loop = l;
        lane->shard = &l->shards[i / LANES_PER_SHARD];
        lane->next_free = l->free_lanes;
        l->free_lanes = lane;
    }
}

loop *loop_create(size_t lanes_most, size_t stack_size, error *e)
{
    CHECK(lanes_most > 0);
    curl_memory_begin();
    loop *l = memory_zeroed(1, sizeof *l);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = l->wake};
    if (l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event) != 0) {
        error_errno(e, "event loop", "cannot make it");
        if (l->epoll >= 0)
            close(l->epoll);
        if (l->wake >= 0)
            close(l->wake);
        free(l);
        return NULL;
    }
    l->lanes_most = lanes_most;
    l->lanes = memory_zeroed(lanes_most, sizeof *l->lanes);
    lane_heap_open(&l->waiting, lanes_most);
    l->shard_count = (lanes_most + LANES_PER_SHARD - 1) / LANES_PER_SHARD;
    l->shards = memory_zeroed(l->shard_count, sizeof *l->shards);
    watch_table_open(&l->watched, l->epoll);
    l->pool = coroutine_pool_create(lanes_most, stack_size);
    for (size_t i = 0; i < l->shard_count; i++)
        open_shard(l, (uint32_t)i);
    open_lanes(l);
    return l;
}

void loop_destroy(loop *l)
{
    if (l == NULL)
        return;
    CHECK(l->alive == 0);
    for (size_t i = 0; i < l->lanes_most; i++) {
        curl_easy_cleanup(l->lanes[i].easy);
        lane_forget_url(&l->lanes[i]);
    }
    for (size_t i = 0; i < l->shard_count; i++)
        curl_multi_cleanup(l->shards[i].multi);
    coroutine_pool_destroy(l->pool);
    close(l->epoll);
    close(l->wake);
    free(l->lanes);
    lane_heap_close(&l->waiting);
    free(l->shards);
    watch_table_close(&l->watched);
    free(l);
}
