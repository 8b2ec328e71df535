/* bench_engine get|put URL CONNECTIONS SECONDS SIZE: how many exchanges a second one loop makes
 * against any server that stores what is PUT under URL and a name.
 *
 * Every byte got is verified. Prints one JSON line; exit code 1 when any exchange failed or any
 * byte was wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"
#include "engine/content.h"
#include "engine/exchange.h"

#define SEED       7
#define STACK_SIZE 65536

typedef struct {
    bool writes;
    const char *base;
    uint64_t size;
    uint64_t seconds;
    uint64_t deadline;
    uint64_t done;
    uint64_t failed;
    char first_failure[256];
} bench;

typedef struct {
    bench *bench;
    uint64_t turns; /* 0: until the deadline */
    content content;
    content_check check;
    char url[512];
} visitor;

static void send_content(void *owner, uint64_t offset, void *bytes, size_t length)
{
    visitor *v = owner;
    content_make(&v->content, offset, bytes, length);
}

static bool take_content(void *owner, const void *bytes, size_t length)
{
    visitor *v = owner;
    content_check_feed(&v->check, bytes, length);
    return true;
}

static void count(visitor *v, const exchange_answer *answer, bool good)
{
    bench *b = v->bench;
    if (good) {
        b->done++;
        return;
    }
    if (b->failed++ == 0)
        snprintf(b->first_failure, sizeof b->first_failure, "status %u %.80s %.80s", answer->status,
                 answer->error_text, v->check.sentence);
}

static void exchange_once(loop_lane *lane, visitor *v, bool writes)
{
    exchange_request request = {.method = writes ? "PUT" : "GET",
                                .url = v->url,
                                .body_length = writes ? v->content.size : EXCHANGE_LENGTH_NONE,
                                .send = send_content,
                                .receive = writes ? NULL : take_content,
                                .owner = v,
                                .manners = EXCHANGE_POLITE};
    exchange_answer answer;
    content_check_begin(&v->check, SEED, 0, 0);
    exchange_run(lane, &request, &answer);
    bool good = answer.failure == FAILURE_NONE && answer.status >= 200 && answer.status < 300;
    if (good && !writes)
        good = content_check_end(&v->check, true) == CONTENT_GOOD && v->check.at == v->content.size;
    count(v, &answer, good);
}

static void visit(loop_lane *lane, void *argument)
{
    visitor *v = argument;
    bench *b = v->bench;
    if (v->turns == 1)
        exchange_once(lane, v, true);
    else
        while (timing_now() < b->deadline)
            exchange_once(lane, v, b->writes);
}

static bool run(bench *b, uint64_t connections, uint64_t turns)
{
    error problem = {0};
    loop *l = loop_create(connections, STACK_SIZE, &problem);
    if (l == NULL) {
        fprintf(stderr, "bench_engine: %s\n", problem.text);
        return false;
    }
    visitor *visitors = memory_zeroed(connections, sizeof *visitors);
    b->deadline = timing_now() + b->seconds * NANOSECONDS_PER_SECOND;
    for (uint64_t i = 0; i < connections; i++) {
        visitor *v = &visitors[i];
        uint64_t name = b->writes ? i : 0;
        v->bench = b;
        v->turns = turns;
        v->content = (content){.seed = SEED, .value = i + 1, .key = name, .size = b->size};
        snprintf(v->url, sizeof v->url, "%s/bench-%" PRIu64, b->base, name);
        loop_start(l, visit, v);
    }
    loop_run(l);
    loop_destroy(l);
    free(visitors);
    return true;
}

int main(int count_given, char **given)
{
    uint64_t connections;
    bench b = {0};
    bool understood = count_given == 6 && units_whole(given[3], &connections) && connections > 0 &&
                      units_whole(given[4], &b.seconds) && units_size(given[5], &b.size);
    if (!understood || (strcmp(given[1], "get") != 0 && strcmp(given[1], "put") != 0)) {
        fprintf(stderr, "usage: bench_engine get|put URL CONNECTIONS SECONDS SIZE\n");
        return 2;
    }
    b.writes = strcmp(given[1], "put") == 0;
    b.base = given[2];
    if (!b.writes && (!run(&b, 1, 1) || b.failed > 0)) {
        fprintf(stderr, "bench_engine: cannot store the file to get: %s\n", b.first_failure);
        return 1;
    }
    b.done = 0;
    uint64_t began = timing_now();
    if (!run(&b, connections, 0))
        return 1;
    double seconds = (double)(timing_now() - began) / (double)NANOSECONDS_PER_SECOND;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"rate\":%.1f,\"done\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"resident_kib\":%ld,"
           "\"user_microseconds\":%ld}\n",
           (double)b.done / seconds, b.done, b.failed, used.ru_maxrss,
           (long)(used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec));
    if (b.failed > 0)
        fprintf(stderr, "bench_engine: first failure: %s\n", b.first_failure);
    return b.failed > 0 ? 1 : 0;
}
