/* What requests of the storage API leave behind: figures that are true, and nothing else that
 * lasts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/timing.h"
#include "qualify/exchange.h"
#include "qualify/line.h"
#include "target/sampler.h"

#define ROUNDS      40
#define MANY_ROUNDS 160 /* more than the holes that others left in the memory take */
#define MIB         ((size_t)1024 * 1024)
#define DOCUMENT    (MIB / 4)
#define FIGURE_MOST 5 /* seconds until a figure may be seen */

static const reply *get(probe *p, const char *address)
{
    return probe_ask(p, "GET", address, NULL, NULL, 0);
}

/* "/v1/files/" and a name of this case. */
static const char *name_of(const probe *p, const char *kind, unsigned number, char out[256])
{
    snprintf(out, 256, "/v1/files/%s/%s-%04u", probe_unique(p), kind, number);
    return out;
}

static const reply *put_bytes(probe *p, const char *address, size_t length)
{
    char *bytes = memory_zeroed(length + 1, 1);
    const reply *r = probe_ask(p, "PUT", address, NULL, bytes, length);
    free(bytes);
    return r;
}

/* --- histograms --- */

#define BUCKETS_MOST 64

typedef struct {
    double bounds[BUCKETS_MOST]; /* the last is infinite */
    double counts[BUCKETS_MOST]; /* of each bucket alone */
    size_t buckets;
    double count;
    double sum;
} histogram;

static double figure(const reply *r, const char *name, const char *ending)
{
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s", name, ending);
    return figure_of(r, whole);
}

static histogram read_histogram(probe *p, const char *name)
{
    histogram h = {.buckets = 0};
    char key[128];
    double before = 0;
    probe_forget(p);
    const reply *seen = get(p, "/metrics");
    const char *text = buffer_text(&seen->body);
    snprintf(key, sizeof key, "\n%s_bucket{le=\"", name);
    for (const char *at = strstr(text, key); at != NULL && h.buckets < BUCKETS_MOST;
         at = strstr(at, key)) {
        char *rest;
        at += strlen(key);
        double bound = strtod(at, &rest);
        double cumulated = strtod(rest + strspn(rest, "\"} "), NULL);
        probe_expect(p, h.buckets == 0 || bound > h.bounds[h.buckets - 1],
                     "the bounds of %s do not grow", name);
        probe_expect(p, cumulated >= before, "%s counts fewer below %g", name, bound);
        h.bounds[h.buckets] = bound;
        h.counts[h.buckets++] = cumulated - before;
        before = cumulated;
    }
    h.count = figure(seen, name, "_count");
    h.sum = figure(seen, name, "_sum");
    probe_expect(p, h.buckets > 1 && h.sum >= 0, "/metrics has no histogram %s", name);
    probe_expect(p, h.count == before, "%s has %g in buckets and %g in all", name, before, h.count);
    return h;
}

/* Once `more` are counted, which may be a moment after the answer. */
static histogram await_histogram(probe *p, const char *name, double count)
{
    uint64_t until = timing_now() + FIGURE_MOST * NANOSECONDS_PER_SECOND;
    histogram h = read_histogram(p, name);
    while (h.count < count && !probe_failed(p) && timing_now() < until) {
        timing_sleep(10 * NANOSECONDS_PER_MILLISECOND);
        h = read_histogram(p, name);
    }
    return h;
}

static void each_file_is_counted_by_its_size(probe *p)
{
    static const char name[] = "ordeal_file_bytes";
    static const size_t sizes[] = {0, 1, 1024, 1025, 5000, 16384, 100000, 300000};
    histogram before = read_histogram(p, name);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char address[256];
        double size = (double)sizes[i];
        probe_expect_status(p, put_bytes(p, name_of(p, "sized", i, address), sizes[i]), 201, 0, 0,
                            0);
        histogram after = await_histogram(p, name, before.count + 1);
        probe_expect(p, after.count == before.count + 1 && after.sum == before.sum + size,
                     "a file of %g bytes added %g to count and %g to sum of %s", size,
                     after.count - before.count, after.sum - before.sum, name);
        for (size_t k = 0; k < after.buckets && k < before.buckets; k++) {
            bool mine = size <= after.bounds[k] && (k == 0 || size > after.bounds[k - 1]);
            double added = after.counts[k] - before.counts[k];
            probe_expect(p, added == (mine ? 1 : 0), "a file of %g bytes added %g up to %g", size,
                         added, after.bounds[k]);
        }
        before = after;
    }
}

/* The sum of what was counted lies between what the buckets say at least and at most. */
static void requests_are_counted_by_their_time(probe *p)
{
    static const char name[] = "ordeal_request_seconds";
    buffer head = {0};
    double least = 0;
    double most = 0;
    const char *bearer = probe_where(p)->bearer;
    histogram before = read_histogram(p, name);
    buffer_printf(&head,
                  "PUT /v1/files/%s-slow HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s%s%s"
                  "Content-Length: 2\r\n\r\nx",
                  probe_unique(p), probe_host(p), bearer != NULL ? "Authorization: Bearer " : "",
                  bearer != NULL ? bearer : "", bearer != NULL ? "\r\n" : "");
    probe_expect_status(p, probe_say(p, buffer_text(&head), 400, "x"), 201, 0, 0, 0);
    buffer_free(&head);
    /* The one that came slowly, and the look before. */
    histogram after = await_histogram(p, name, before.count + 2);
    for (size_t k = 0; k < after.buckets && k < before.buckets; k++) {
        double added = after.counts[k] - before.counts[k];
        least += k > 0 ? added * after.bounds[k - 1] : 0;
        most += added > 0 ? added * after.bounds[k] : 0;
    }
    /* The sum may be printed with six digits. */
    double blur = 0.01 + after.sum / 100000;
    double added = after.sum - before.sum;
    probe_expect(p, added >= least - blur && added <= most + blur,
                 "%g s in all, and by the buckets from %g to %g s", added, least, most);
}

/* --- the cache --- */

#define CACHED_SIZE ((size_t)64 * 1024)
#define CACHE_MOST  (64 * MIB)

typedef struct {
    unsigned long long bytes;
    unsigned long long most;
} cache_state;

static cache_state warm(probe *p)
{
    char address[256];
    snprintf(address, sizeof address, "/v1/admin/cache/warm?prefix=%s", probe_unique(p));
    const reply *r = probe_ask(p, "POST", address, NULL, "", 0);
    probe_expect_status(p, r, 200, 0, 0, 0);
    const char *bytes = strstr(buffer_text(&r->body), "\"bytes\":");
    const char *most = strstr(buffer_text(&r->body), "\"bytes_most\":");
    return (cache_state){bytes != NULL ? strtoull(bytes + 8, NULL, 10) : 0,
                         most != NULL ? strtoull(most + 13, NULL, 10) : 0};
}

static void what_just_fits_is_kept(probe *p)
{
    char address[256];
    cache_state now = warm(p);
    unsigned long long room = now.most - now.bytes;
    if (now.most > CACHE_MOST || room == 0) {
        probe_not_applicable(p, "the memory for contents is too large to fill, or full");
        return;
    }
    for (unsigned i = 0; room > 0 && !probe_failed(p); i++) {
        size_t size = room < CACHED_SIZE ? (size_t)room : CACHED_SIZE;
        probe_forget(p);
        probe_expect_status(p, put_bytes(p, name_of(p, "kept", i, address), size), 201, 0, 0, 0);
        room -= size;
    }
    now = warm(p);
    probe_expect(p, now.bytes == now.most, "%llu bytes are kept; files for all %llu were there",
                 now.bytes, now.most);
}

/* --- uploads that come slowly --- */

#define SHORT_LIFE 4 /* seconds; who lives longer is not waited for */
#define LOOKS      20

/* Some bytes of a piece that is long, four times a second, and a look at the upload each time. */
static void send_slowly(probe *p, line *piece, const char *place)
{
    static const char *const version[] = {"Tus-Resumable", "1.0.0", NULL};
    char bytes[301];
    memset(bytes, 'x', sizeof bytes - 1);
    bytes[sizeof bytes - 1] = '\0';
    for (unsigned i = 0; i < LOOKS && !probe_failed(p); i++) {
        probe_expect(p, line_send(piece, bytes), "the piece was cut off after %u bytes", i * 300);
        timing_sleep(250 * NANOSECONDS_PER_MILLISECOND);
        const reply *r = probe_ask(p, "HEAD", place, version, NULL, 0);
        probe_expect(p, r->status == 200, "status %u while the piece was coming in", r->status);
    }
}

static void an_upload_lives_while_its_piece_comes(probe *p)
{
    line piece;
    char place[PROBE_TEXT_SIZE];
    char what[PROBE_TEXT_SIZE + 16];
    const reply *r =
        probe_ask(p, "POST", "/v1/uploads",
                  (const char *const[]){"Tus-Resumable", "1.0.0", "Upload-Length", "100000",
                                        "Upload-Metadata", "filename c2xvdw==", NULL},
                  "", 0);
    reply_field(r, "Location", place, sizeof place);
    if (!probe_expect_status(p, r, 201, 0, 0, 0))
        return;
    if (moment_of(r, "Upload-Expires") - moment_of(r, "Date") > SHORT_LIFE) {
        probe_not_applicable(p, "uploads live longer than a case waits");
        return;
    }
    if (!line_open(&piece, probe_where(p))) {
        probe_not_applicable(p, "no connection of its own could be made");
        return;
    }
    snprintf(what, sizeof what, "PATCH %s", place);
    line_ask(&piece, probe_where(p), what,
             "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 100000\r\n"
             "Content-Type: application/offset+octet-stream\r\n",
             NULL);
    send_slowly(p, &piece, place);
    line_close(&piece);
}

/* --- who waited --- */

#define SLOW  3000 /* milliseconds that a case spends on it */
#define PAUSE 900

/* Has it an answer to a wait of one second behind it? */
static bool has_waited(probe *p, line *l)
{
    char cursor[128] = "";
    char what[256];
    const char *at = strstr(buffer_text(&get(p, "/v1/changes")->body), "\"cursor\":\"");
    if (at != NULL)
        snprintf(cursor, sizeof cursor, "%.*s", (int)strcspn(at + 10, "\""), at + 10);
    snprintf(what, sizeof what, "GET /v1/changes?wait=1&cursor=%s", cursor);
    unsigned status = line_ask(l, probe_where(p), what, NULL, NULL) ? line_answer(l, false) : 0;
    return probe_expect(p, status == 200, "status %u to a wait for changes", status);
}

/* The pause tells a head that comes slowly from a client that rests. */
static bool send_twice(line *a, line *b)
{
    static const char slowly[] = "GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ";
    bool sent = line_send(a, slowly) && line_send(b, slowly);
    timing_sleep(PAUSE * NANOSECONDS_PER_MILLISECOND);
    return sent && line_send(a, "x") && line_send(b, "x");
}

static void who_waited_is_thrown_out_too(probe *p)
{
    line fresh;
    line waited;
    if (!line_open(&fresh, probe_where(p))) {
        probe_not_applicable(p, "no connection of its own could be made");
        return;
    }
    if (line_open(&waited, probe_where(p))) {
        if (has_waited(p, &waited) && send_twice(&fresh, &waited)) {
            if (line_ends(&fresh, SLOW))
                probe_expect(p, line_ends(&waited, SLOW),
                             "behind a wait for changes a request may take for ever");
            else
                probe_not_applicable(p, "requests may take longer than a case waits");
        }
        line_close(&waited);
    }
    line_close(&fresh);
}

/* --- what a process sees --- */

/* False: the case is decided, for want of a process to look at. */
static bool look(probe *p, resource_sample *out)
{
    const probe_target *t = probe_where(p);
    sampler *s = t->pid != 0 ? sampler_create(t->data) : NULL;
    bool seen = s != NULL && sampler_take(s, t->pid, out);
    sampler_destroy(s);
    if (!seen)
        probe_not_applicable(p, "the server's process is not ours to see");
    return seen;
}

static void ask_everything(probe *p, unsigned round)
{
    char address[256];
    char other[256];
    char document[512];
    static const char *const ranged[] = {"Range", "bytes=1-2", NULL};
    static const char *const outside[] = {"Range", "bytes=900000-", NULL};
    static const char *const any[] = {"If-None-Match", "*", NULL};
    probe_forget(p);
    name_of(p, "a", round, address);
    put_bytes(p, address, round % 2 == 0 ? 100 : 100000);
    get(p, address);
    probe_ask(p, "HEAD", address, NULL, NULL, 0);
    probe_ask(p, "GET", address, ranged, NULL, 0);
    probe_ask(p, "GET", address, outside, NULL, 0);
    probe_ask(p, "GET", address, any, NULL, 0);
    probe_ask(p, "PUT", address, any, "refused", 7);
    put_bytes(p, name_of(p, "empty", round, other), 0);
    get(p, other);
    snprintf(document, sizeof document, "{\"path\": \"%s\"}", address + strlen("/v1/files/"));
    probe_ask(p, "POST", "/v1/shares", NULL, document, strlen(document));
    snprintf(other, sizeof other, "/v1/channels/%.100s/samples", probe_unique(p));
    probe_ask(p, "POST", other, NULL, "{\"timestamp\":1}", 15);
    get(p, other);
    get(p, "/v1/changes");
    get(p, "/readyz");
    put_bytes(p, name_of(p, "unread", round, other), 10);
    if ((probe_where(p)->capabilities & CAPABILITY_ADMIN) != 0)
        warm(p);
}

static void descriptors_come_back(probe *p)
{
    resource_sample before;
    resource_sample after;
    /* What is opened once and kept, is open then. */
    for (unsigned i = 0; i < ROUNDS / 4; i++)
        ask_everything(p, i);
    if (!look(p, &before))
        return;
    for (unsigned i = 0; i < ROUNDS; i++)
        ask_everything(p, ROUNDS + i);
    if (!look(p, &after))
        return;
    probe_expect(p, after.descriptors <= before.descriptors + ROUNDS / 4,
                 "%u open descriptors, %u before %u rounds of requests", after.descriptors,
                 before.descriptors, ROUNDS);
}

/* A sanitizer keeps what was freed. */
static bool is_sanitized(pid_t pid)
{
    char path[64];
    char text[512];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    while (maps != NULL && !found && fgets(text, sizeof text, maps) != NULL)
        found = strstr(text, "libasan") != NULL || strstr(text, "libtsan") != NULL ||
                strstr(text, "clang_rt") != NULL;
    if (maps != NULL)
        fclose(maps);
    return found;
}

static void ask_much(probe *p, unsigned times)
{
    buffer document = {0};
    buffer_text_append(&document, "{\"path\": \"");
    for (size_t i = 0; i < DOCUMENT / 16; i++)
        buffer_text_append(&document, "0123456789abcdef");
    buffer_text_append(&document, "\"}");
    for (unsigned i = 0; i < times; i++) {
        probe_forget(p);
        probe_expect_status(
            p, probe_ask(p, "POST", "/v1/shares", NULL, buffer_text(&document), document.length),
            400, 0, 0, 0);
        probe_expect_status(
            p, probe_ask(p, "POST", "/v1/moves", NULL, buffer_text(&document), document.length),
            400, 0, 0, 0);
    }
    buffer_free(&document);
}

static void memory_comes_back(probe *p)
{
    resource_sample before;
    resource_sample after;
    if (is_sanitized(probe_where(p)->pid)) {
        probe_not_applicable(p, "a sanitizer keeps what the server frees");
        return;
    }
    ask_much(p, 8);
    if (!look(p, &before))
        return;
    ask_much(p, MANY_ROUNDS);
    if (!look(p, &after))
        return;
    probe_expect(p, after.resident <= before.resident + MANY_ROUNDS * DOCUMENT / 4,
                 "%llu MiB of memory, %llu before %u documents of 256 KiB were refused",
                 (unsigned long long)(after.resident / MIB),
                 (unsigned long long)(before.resident / MIB), 2 * MANY_ROUNDS);
}

static void room_comes_back(probe *p)
{
    resource_sample before;
    resource_sample full;
    resource_sample after;
    char address[256];
    probe_expect_status(p, probe_ask(p, "POST", "/v1/admin/cleanup", NULL, "", 0), 200, 0, 0, 0);
    if (probe_where(p)->data == NULL || !look(p, &before)) {
        probe_not_applicable(p, "the server's data is not ours to see");
        return;
    }
    for (unsigned i = 0; i < 8; i++)
        put_bytes(p, name_of(p, "large", i, address), 2 * MIB);
    if (!look(p, &full))
        return;
    for (unsigned i = 0; i < 8; i++)
        probe_ask(p, "DELETE", name_of(p, "large", i, address), NULL, NULL, 0);
    probe_expect_status(p, probe_ask(p, "POST", "/v1/admin/cleanup", NULL, "", 0), 200, 0, 0, 0);
    if (!look(p, &after))
        return;
    /* Metadata may take some of it. */
    probe_expect(p, full.disk < before.disk + 8 * MIB || after.disk <= before.disk + 8 * MIB,
                 "%llu MiB on the disk before 16 MiB came, %llu with them, %llu when they were "
                 "purged",
                 (unsigned long long)(before.disk / MIB), (unsigned long long)(full.disk / MIB),
                 (unsigned long long)(after.disk / MIB));
}

#define CASE(number, level, needs, section, requires, run)                                         \
    {                                                                                              \
        "api-upkeep/" number, level, needs, "CONTRACT.md, " section, requires, run                 \
    }

static const conformance_case cases[] = {
    CASE("histogram/1", LEVEL_MUST, 0, "OPS-4", "each file is counted once, by its size",
         each_file_is_counted_by_its_size),
    CASE("histogram/2", LEVEL_MUST, 0, "OPS-4", "requests are counted by the time they took",
         requests_are_counted_by_their_time),
    CASE("cache/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-3",
         "warming takes also the file that just fits", what_just_fits_is_kept),
    CASE("upload/1", LEVEL_MUST, CAPABILITY_UPLOADS, "UPLOADS-6",
         "an upload does not expire while a piece is coming in",
         an_upload_lives_while_its_piece_comes),
    CASE("slow/1", LEVEL_MUST, CAPABILITY_CHANGES, "FRAMING-3",
         "who waited for changes is thrown out like others when his next request takes too long",
         who_waited_is_thrown_out_too),
    CASE("descriptors/1", LEVEL_MUST, 0, "OPS-5", "requests leave no descriptor open",
         descriptors_come_back),
    CASE("memory/1", LEVEL_MUST, 0, "OPS-5", "refused documents leave no memory taken",
         memory_comes_back),
    CASE("room/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-5",
         "what is purged takes no room on the disk any more", room_comes_back),
};

const suite suite_api_upkeep = {"api-upkeep", "the storage API: what requests leave behind", cases,
                                sizeof cases / sizeof cases[0], speaks_storage_api};
