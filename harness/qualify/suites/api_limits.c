/* Connections, bounds and figures of the storage API: what one exchange after the other cannot
 * show. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/timing.h"
#include "qualify/exchange.h"
#include "qualify/line.h"

/* --- connections --- */

/* False: the case is decided. */
static bool opens(probe *p, line *l)
{
    if (line_open(l, probe_where(p)))
        return true;
    probe_not_applicable(p, errno == EPROTONOSUPPORT ? "only at plain http addresses"
                                                     : "no connection could be made");
    return false;
}

typedef struct {
    const char *method;
    unsigned status;
    const char *content;
} one_of_many;

static void many_requests_are_served(probe *p, line *l)
{
    static const one_of_many all[] = {
        {"PUT", 201, "hello"}, {"GET", 200, NULL},  {"PUT", 200, ""},
        {"HEAD", 200, NULL},   {"GET", 200, NULL},  {"DELETE", 204, NULL},
        {"GET", 404, NULL},    {"HEAD", 404, NULL}, {"GET", 404, NULL}};
    char what[PROBE_TEXT_SIZE];
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        snprintf(what, sizeof what, "%s /v1/files/%s", all[i].method, probe_unique(p));
        unsigned status = line_ask(l, probe_where(p), what, NULL, all[i].content)
                              ? line_answer(l, strcmp(all[i].method, "HEAD") == 0)
                              : 0;
        if (!probe_expect(p, status == all[i].status,
                          "%s as request %zu of one connection: status %u", all[i].method, i + 1,
                          status))
            return;
    }
}

static void a_connection_is_kept(probe *p)
{
    line l;
    if (!opens(p, &l))
        return;
    many_requests_are_served(p, &l);
    line_close(&l);
}

static void bad_framing_is_refused(probe *p)
{
    static const struct {
        const char *text;
        unsigned status;
    } all[] = {
        {"GET /livez HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", 400},
        {"GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET /livez HTTP/1.1\r\nHost: a\r\nIf-Match: *\r\nIf-Match: *\r\n\r\n", 400},
        {"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},
        {"PUT /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13\r\n\r\n", 501},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        line l;
        if (!opens(p, &l))
            return;
        unsigned status = line_send(&l, all[i].text) ? line_answer(&l, false) : 0;
        probe_expect(p, status == all[i].status, "status %u instead of %u for %s", status,
                     all[i].status, all[i].text);
        probe_expect(p, line_ends(&l, 5000), "the connection stays open after %s", all[i].text);
        line_close(&l);
    }
}

/* --- refused contents --- */

#define HEAVY  ((size_t)32 << 20)
#define ROUNDS 5

/* Nanoseconds until the answer to a content that was sent to its end; UINT64_MAX: there was none.
 */
static uint64_t time_of(probe *p, const char *fields, const char *content, unsigned *status)
{
    char head[PROBE_TEXT_SIZE];
    line l;
    uint64_t began = timing_now();
    *status = 0;
    if (!line_open(&l, probe_where(p)))
        return UINT64_MAX;
    snprintf(head, sizeof head, "%sContent-Length: %zu\r\n", fields, HEAVY);
    char what[PROBE_TEXT_SIZE];
    snprintf(what, sizeof what, "PUT /v1/files/%s", probe_unique(p));
    if (line_ask(&l, probe_where(p), what, head, NULL) && line_send_bytes(&l, content, HEAVY))
        *status = line_answer(&l, false);
    line_close(&l);
    return *status != 0 ? timing_now() - began : UINT64_MAX;
}

static int ascending(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

/* Of several in turn the middle one: what else goes on makes single ones slow. */
static void a_refusal_is_heard_at_the_end(probe *p)
{
    uint64_t taken[ROUNDS];
    uint64_t refused[ROUNDS];
    unsigned status = 0;
    char *content = memory_zeroed(HEAVY, 1);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t now = time_of(p, "", content, &status);
        taken[i] = status == 201 || status == 200 ? now : UINT64_MAX;
        now = time_of(p, "Content-Range: bytes 0-1/2\r\n", content, &status);
        refused[i] = status == 400 ? now : UINT64_MAX;
    }
    free(content);
    qsort(taken, ROUNDS, sizeof *taken, ascending);
    qsort(refused, ROUNDS, sizeof *refused, ascending);
    uint64_t middle = refused[ROUNDS / 2];
    uint64_t fair = taken[ROUNDS / 2];
    if (fair == UINT64_MAX)
        probe_not_applicable(p, "it does not take so large a content");
    else if (probe_expect(p, middle != UINT64_MAX, "refusals are not heard"))
        probe_expect(p, middle < 2 * fair, "refused after %g s, taken after %g s",
                     (double)middle / 1e9, (double)fair / 1e9);
}

/* --- figures --- */

static const reply *metrics(probe *p)
{
    return probe_ask(p, "GET", "/metrics", NULL, NULL, 0);
}

#define STORED "ordeal_file_bytes_"
static const char *const stored_figures[] = {
    STORED "count",
    STORED "sum",
    STORED "bucket{le=\"1024\"}",
    STORED "bucket{le=\"4096\"}",
    STORED "bucket{le=\"16384\"}",
    STORED "bucket{le=\"65536\"}",
    STORED "bucket{le=\"+Inf\"}",
};
#define STORED_FIGURES (sizeof stored_figures / sizeof stored_figures[0])

static void sizes_are_counted(probe *p)
{
    static const size_t sizes[] = {100, 1024, 1025, 20000, 70000};
    static const double more[STORED_FIGURES] = {5, 92149, 2, 3, 3, 4, 5};
    static const char zeros[70000];
    char name[32];
    const reply *before = metrics(p);
    if (figure_of(before, STORED "count") < 0) {
        probe_not_applicable(p, "the target has no figures of what is stored");
        return;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        snprintf(name, sizeof name, "%zu", sizes[i]);
        probe_expect_status(p, probe_ask(p, "PUT", probe_file(p, name), NULL, zeros, sizes[i]), 201,
                            200, 204, 0);
    }
    const reply *after = metrics(p);
    for (size_t i = 0; i < STORED_FIGURES; i++) {
        double now = figure_of(after, stored_figures[i]) - figure_of(before, stored_figures[i]);
        probe_expect(p, now == more[i], "%s rose by %g instead of %g", stored_figures[i], now,
                     more[i]);
    }
}

/* --- the cache --- */

static uint64_t number_of(const reply *r, const char *name)
{
    json_t *root = json_loadb(buffer_text(&r->body), r->body.length, 0, NULL);
    json_int_t number = json_integer_value(json_object_get(root, name));
    json_decref(root);
    return (uint64_t)number;
}

#define CACHED_FILES 8
static void the_cache_keeps_to_its_bound(probe *p)
{
    static const char zeros[20000];
    char name[16];
    for (int i = 0; i < CACHED_FILES; i++) {
        snprintf(name, sizeof name, "%d", i);
        const char *address = probe_file(p, name);
        probe_expect_status(p, probe_ask(p, "PUT", address, NULL, zeros, sizeof zeros), 201, 0, 0,
                            0);
        for (int reads = 0; reads < 3; reads++)
            probe_expect(p,
                         reply_is(probe_ask(p, "GET", address, NULL, NULL, 0), zeros, sizeof zeros),
                         "%s is not what was stored", address);
    }
    const reply *r = probe_ask(p, "POST", "/v1/admin/cache/warm", NULL, "", 0);
    if (!probe_expect_status(p, r, 200, 0, 0, 0))
        return;
    probe_expect(p, number_of(r, "bytes") <= number_of(r, "bytes_most"),
                 "%llu bytes are kept, %llu is the bound",
                 (unsigned long long)number_of(r, "bytes"),
                 (unsigned long long)number_of(r, "bytes_most"));
}

/* --- slow requests --- */

#define SLOW 3000 /* milliseconds that a case spends on it */

static void judge_thrown_out(probe *p, line *resting, uint64_t since, double before)
{
    static const char name[] = "ordeal_deadline_closed_total";
    uint64_t passed = (timing_now() - since) / NANOSECONDS_PER_MILLISECOND;
    if (passed < SLOW)
        timing_sleep((SLOW - passed) * NANOSECONDS_PER_MILLISECOND);
    unsigned status = line_ask(resting, probe_where(p), "GET /livez", NULL, NULL)
                          ? line_answer(resting, false)
                          : 0;
    probe_expect(p, status == 200, "a connection that rested was lost, too (status %u)", status);
    double now = figure_of(metrics(p), name);
    if (before >= 0)
        probe_expect(p, now == before + 1, "%s is %g instead of %g", name, now, before + 1);
}

static void only_slow_requests_are_thrown_out(probe *p)
{
    line slow;
    line resting;
    double before = figure_of(metrics(p), "ordeal_deadline_closed_total");
    if (!opens(p, &resting))
        return;
    unsigned status = line_ask(&resting, probe_where(p), "GET /livez", NULL, NULL)
                          ? line_answer(&resting, false)
                          : 0;
    uint64_t since = timing_now();
    if (probe_expect(p, status == 200, "status %u", status) && opens(p, &slow)) {
        line_send(&slow, "GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ");
        if (line_ends(&slow, SLOW))
            judge_thrown_out(p, &resting, since, before);
        else
            probe_not_applicable(p, "requests may take longer than a case waits");
        line_close(&slow);
    }
    line_close(&resting);
}

/* --- a crowd that waits --- */

#define CROWD_MOST 5000
#define STREAM     "Accept: text/event-stream\r\n"

typedef struct {
    line *lines;
    size_t count;  /* connections */
    size_t inside; /* of them that wait */
    unsigned last; /* how the last was answered */
} crowd;

/* Until one is refused. */
static crowd gather(probe *p)
{
    crowd c = {.lines = memory_take(CROWD_MOST * sizeof *c.lines), .last = 200};
    while (c.last == 200 && c.count < CROWD_MOST && line_open(&c.lines[c.count], probe_where(p))) {
        line *l = &c.lines[c.count++];
        c.last =
            line_ask(l, probe_where(p), "GET /v1/changes", STREAM, NULL) ? line_answer(l, true) : 0;
        c.inside += c.last == 200;
    }
    return c;
}

static void disperse(crowd *c)
{
    for (size_t i = 0; i < c->count; i++)
        line_close(&c->lines[i]);
    free(c->lines);
}

CONVERSATION(nobody_else_is_held_up,
             {.ask = "GET /v1/changes?wait=1", 503, "code=overloaded & retryable=true"},
             {.ask = "GET /v1/changes?wait=61", 400, "code=validation_error"},
             {.ask = "GET /v1/changes?wait=x", 400, "code=validation_error"},
             {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"}, {.ask = "GET /livez", 200})

/* All have left by its end: the next case counts how many may come. */
CONVERSATION(there_is_room_again,
             {.ask = "GET /v1/changes?wait=1", 200, "changes.#=0", .within = 5},
             {.ask = "GET /metrics", 200, "*\nordeal_watchers 0\n", .within = 10})

static void more_than_may_are_refused(probe *p)
{
    crowd c = gather(p);
    if (c.last == 503)
        nobody_else_is_held_up(p);
    disperse(&c);
    if (c.last == 503)
        there_is_room_again(p);
    else
        probe_not_applicable(p, c.last == 200 ? "more may wait than this machine can hold here"
                                              : "the target does not serve so many connections");
}

/* --- a stream --- */

static void follow(probe *p, line *l)
{
    for (int round = 1; round <= 3; round++) {
        const reply *r = probe_ask(p, "PUT", probe_file(p, "watched"), NULL, "x", 1);
        if (!probe_expect_status(p, r, round == 1 ? 201 : 200, 0, 0, 0) ||
            !probe_expect(p, line_says(l, "event: change", 5000), "change %d was not told",
                          round) ||
            !probe_expect(p, !line_ends(l, 300), "the stream ended by itself after change %d",
                          round))
            return;
    }
}

static void a_stream_goes_on(probe *p)
{
    line l;
    if (!opens(p, &l))
        return;
    unsigned status =
        line_ask(&l, probe_where(p), "GET /v1/changes", STREAM, NULL) ? line_answer(&l, true) : 0;
    if (probe_expect(p, status == 200, "status %u", status) &&
        probe_expect(p, !line_ends(&l, 300), "the stream ended before there was anything to tell"))
        follow(p, &l);
    line_close(&l);
}

/* --- what holds when nothing else is said --- */

static void as_many_may_wait_as_is_said(probe *p)
{
    crowd c = gather(p);
    disperse(&c);
    if (c.last == 503)
        probe_expect(p, c.inside == 4096, "%zu wait at once", c.inside);
    else
        probe_not_applicable(p, "this machine cannot hold so many connections");
}

/* Both have whole seconds, and the answer may be dated one later than the upload. */
static void an_upload_lives_a_day(probe *p)
{
    long life = 0;
    for (int i = 0; i < 5 && life != 86400; i++) {
        const reply *r =
            probe_ask(p, "POST", "/v1/uploads",
                      (const char *const[]){"Tus-Resumable", "1.0.0", "Upload-Length", "5",
                                            "Upload-Metadata", "filename YQ==", NULL},
                      "", 0);
        if (!probe_expect_status(p, r, 201, 0, 0, 0))
            return;
        life = (long)(moment_of(r, "Upload-Expires") - moment_of(r, "Date"));
        char place[PROBE_TEXT_SIZE];
        probe_ask(p, "DELETE", reply_field(r, "Location", place, sizeof place),
                  (const char *const[]){"Tus-Resumable", "1.0.0", NULL}, NULL, 0);
    }
    probe_expect(p, life == 86400, "it expires after %ld seconds", life);
}

#define CASE(number, level, needs, section, requires, run)                                         \
    {                                                                                              \
        "api-limits/" number, level, needs, "CONTRACT.md, " section, requires, run                 \
    }

static const conformance_case cases[] = {
    CASE("keep/1", LEVEL_MUST, 0, "FRAMING-4", "a connection serves one request after the other",
         a_connection_is_kept),
    CASE("framing/1", LEVEL_MUST, 0, "FRAMING-1", "bad framing is refused, and ends the connection",
         bad_framing_is_refused),
    CASE("refused/1", LEVEL_MUST, 0, "FRAMING-5",
         "who sends all of a refused content hears the refusal, as soon as if it were taken",
         a_refusal_is_heard_at_the_end),
    CASE("slow/1", LEVEL_MUST, 0, "FRAMING-3",
         "who takes too long is thrown out and counted, who rests between two requests is not",
         only_slow_requests_are_thrown_out),
    CASE("sizes/1", LEVEL_SHOULD, 0, "OPS-1", "what is stored is counted by size",
         sizes_are_counted),
    CASE("cache/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-3",
         "what is kept in memory never is more than its bound", the_cache_keeps_to_its_bound),
    CASE("stream/1", LEVEL_MUST, CAPABILITY_CHANGES, "CHANGES-1",
         "a stream tells each change as it comes, and stays open", a_stream_goes_on),
    CASE("crowd/1", LEVEL_MUST, CAPABILITY_CHANGES, "CHANGES-4",
         "who comes when enough wait is refused, and nobody else is held up",
         more_than_may_are_refused),
    CASE("default/1", LEVEL_SHOULD, CAPABILITY_CHANGES, "CHANGES-4",
         "4096 may wait at once when nothing else is said", as_many_may_wait_as_is_said),
    CASE("default/2", LEVEL_SHOULD, CAPABILITY_UPLOADS, "UPLOADS-6",
         "an upload lives a day when nothing else is said", an_upload_lives_a_day),
};

const suite suite_api_limits = {"api-limits", "the storage API: connections, bounds and figures",
                                cases, sizeof cases / sizeof cases[0], speaks_storage_api};
