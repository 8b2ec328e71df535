/* Whatever one request asks of the disk, the store and the libraries, each such call fails once:
 * the server answers, lives, keeps what it acknowledged, and leaves nothing behind. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "failing.h"
#include "server.h"
#include "service.h"

#define SECOND     NANOSECONDS_PER_SECOND
#define CALLS_MOST 300

static char folder[] = "/tmp/ordeal-calls.XXXXXX";
static service what;
static server *running;
static char answer[65536];
static char token[64];
static char share_token[64];
static char upload_place[64];
static char cursor[64];

static const failure broken = {EIO, SQLITE_IOERR};
static const failure full = {ENOSPC, SQLITE_FULL};
static const failure vanished = {ENOENT, SQLITE_CANTOPEN};
static const failure busy = {EMFILE, SQLITE_BUSY};
static const failure *const failures[] = {&broken, &full, &vanished, &busy};

/* --- the server --- */

static bool open_service(error *e)
{
    service_options options = {.data = folder,
                               .readers = 1,
                               .limits = {(uint64_t)1 << 20, 4096},
                               .accounts = true,
                               .token_life = 3600 * SECOND,
                               .admin_token = "administers",
                               .query_most = 5 * SECOND,
                               .changes_kept = 1,
                               .watchers_most = 100,
                               .cache = 16,
                               .upload_life = 3600 * SECOND};
    return service_open(&what, &options, e);
}

static void start(void)
{
    error e = {0};
    server_options options = {.host = "127.0.0.1",
                              .threads = 1,
                              .connections_most = 100,
                              .idle_seconds = 30,
                              .grace_seconds = 60,
                              .least_rate = 1};
    cr_assert(open_service(&e), "%s", e.text);
    running = server_start(&options, &what, &e);
    cr_assert_not_null(running, "%s", e.text);
}

static void stop(void)
{
    server_stop(running, 5);
    service_close(&what);
}

/* --- one request --- */

/* The status; 0: the connection broke. `headers` end in CR LF each. */
static unsigned ask(const char *method, const char *path, const char *headers, const char *body)
{
    char head[2048];
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(server_port(running)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    int length = snprintf(head, sizeof head,
                          "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                          "%s\r\nContent-Length: %zu\r\n%s\r\n%s",
                          method, path, strstr(path, "admin") != NULL ? "administers" : token,
                          strlen(body), headers, body);
    cr_assert(length > 0 && (size_t)length < sizeof head);
    send(fd, head, (size_t)length, MSG_NOSIGNAL);
    size_t used = 0;
    ssize_t got = 1;
    while (got > 0 && used < sizeof answer - 1) {
        got = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        used += got > 0 ? (size_t)got : 0;
    }
    answer[used] = '\0';
    close(fd);
    unsigned status = 0;
    return sscanf(answer, "HTTP/1.1 %u", &status) == 1 ? status : 0;
}

/* What stands between `before` and the next `end` in the last answer. */
static void take(const char *before, char end, char out[64])
{
    const char *at = strstr(answer, before);
    cr_assert_not_null(at, "no %s in %s", before, answer);
    at += strlen(before);
    snprintf(out, 64, "%.*s", (int)(strchr(at, end) - at), at);
}

#define TUS   "Tus-Resumable: 1.0.0\r\n"
#define PIECE TUS "Content-Type: application/offset+octet-stream\r\n"
#define WHO   "{\"account\": \"ada\", \"password\": \"a long secret\"}"

/* --- the requests --- */

typedef struct {
    const char *method;
    const char *path; /* one '%s' in it is the thing that was made for it */
    const char *headers;
    const char *body;
    const char *thing;
} story;

static const story stories[] = {
    {"PUT", "/v1/files/new", "", "some content", NULL},
    {"PUT", "/v1/files/f", "If-Match: *\r\n", "some content", NULL},
    {"GET", "/v1/files/f", "", "", NULL},
    {"GET", "/v1/files/large", "Range: bytes=1-\r\n", "", NULL},
    {"GET", "/v1/files/f?version=1", "", "", NULL},
    {"DELETE", "/v1/files/f", "", "", NULL},
    {"GET", "/v1/files?prefix=f", "", "", NULL},
    {"GET", "/v1/versions/kept", "", "", NULL},
    {"POST", "/v1/restore/f?version=1", "", "", NULL},
    {"POST", "/v1/moves", "", "{\"moves\": [{\"from\": \"f\", \"to\": \"g\"}]}", NULL},
    {"POST", "/v1/shares", "", "{\"path\": \"f\"}", NULL},
    {"GET", "/v1/shares/%s", "", "", share_token},
    {"GET", "/s/%s", "", "", share_token},
    {"DELETE", "/v1/shares/%s", "", "", share_token},
    {"POST", "/v1/uploads", TUS "Upload-Length: 4\r\nUpload-Metadata: filename dXA=\r\n", "", NULL},
    {"POST", "/v1/uploads", PIECE "Upload-Length: 4\r\nUpload-Metadata: filename dXA=\r\n", "four",
     NULL},
    {"HEAD", "/v1/uploads/%s", TUS, "", upload_place},
    {"PATCH", "/v1/uploads/%s", PIECE "Upload-Offset: 0\r\n", "fo", upload_place},
    {"PATCH", "/v1/uploads/%s", PIECE "Upload-Offset: 0\r\n", "four", upload_place},
    {"DELETE", "/v1/uploads/%s", TUS, "", upload_place},
    {"POST", "/v1/channels/c/samples", "", "{\"timestamp\": 1}", NULL},
    {"GET", "/v1/channels/c/samples", "", "", NULL},
    {"GET", "/v1/channels/none/samples", "", "", NULL},
    {"GET", "/v1/changes?wait=0&cursor=%s", "", "", cursor},
    {"POST", "/v1/login", "", WHO, NULL},
    {"POST", "/v1/register", "", WHO, NULL},
    {"GET", "/v1/usage", "", "", NULL},
    {"GET", "/v1/admin/stats", "", "", NULL},
    {"POST", "/v1/admin/cache/warm", "", "", NULL},
    {"POST", "/v1/admin/cleanup", "", "", NULL},
    {"GET", "/readyz", "", "", NULL},
    {"GET", "/metrics", "", "", NULL},
};

/* Until the store has got over what failed. */
static void ask_until(const char *method, const char *path, const char *headers, const char *body)
{
    uint64_t until = timing_now() + 20 * SECOND;
    unsigned status;
    while ((status = ask(method, path, headers, body)) / 100 != 2 && timing_now() < until)
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    cr_assert_eq(status / 100, 2, "%s %s: %.900s", method, path, answer);
}

/* Makes what the story needs. */
static void prepare(const story *s)
{
    ask("DELETE", "/v1/files/g", "", "");
    ask_until("PUT", "/v1/files/f", "", "some content");
    if (s->thing == share_token) {
        ask_until("POST", "/v1/shares", "", "{\"path\": \"f\"}");
        take("\"token\":\"", '"', share_token);
    } else if (s->thing == upload_place) {
        ask_until("POST", "/v1/uploads",
                  TUS "Upload-Length: 4\r\nUpload-Metadata: filename dXA=\r\n", "");
        take("Location: /v1/uploads/", '\r', upload_place);
    } else if (s->thing == cursor) {
        ask_until("GET", "/v1/changes", "", "");
        take("\"cursor\":\"", '"', cursor);
        ask_until("PUT", "/v1/files/f", "", "some content");
    }
}

static bool is_documented(unsigned status)
{
    return status == 0 || (status >= 200 && status < 500) || status == 500 || status == 503 ||
           status == 507;
}

/* False: the story makes fewer calls. */
static bool tell(const story *s, unsigned nth, const failure *how, bool for_ever)
{
    char path[200];
    prepare(s);
    snprintf(path, sizeof path, "%s", s->path);
    char *gap = strstr(path, "%s");
    if (gap != NULL)
        snprintf(gap, sizeof path - (size_t)(gap - path), "%s", s->thing);
    failing_arm(nth, how, for_ever);
    unsigned status = ask(s->method, path, s->headers, s->body);
    bool failed = failing_disarm();
    cr_assert(is_documented(status), "%s %s, call %u: %u", s->method, path, nth, status);
    /* Without a failure nothing is refused but what is to be. */
    cr_assert(failed || status == 409 || status == 404 || status / 100 == 2, "%s %s: %.900s",
              s->method, path, answer);
    return failed;
}

static void each_call_fails(const story *s, bool for_ever)
{
    for (unsigned nth = 1;; nth++) {
        cr_assert(nth < CALLS_MOST, "%s %s: %.300s", s->method, s->path, answer);
        if (!tell(s, nth, failures[nth % 4], for_ever) && !tell(s, nth, failures[nth % 4], false))
            return;
    }
}

static void enter(void)
{
    failing_exempt();
    log_setup("test", LOG_JSON, LOG_NOTHING);
    cr_assert(sodium_init() >= 0);
    cr_assert_not_null(mkdtemp(folder));
    start();
    cr_assert_eq(ask("POST", "/v1/register", "", WHO), 201);
    cr_assert_eq(ask("POST", "/v1/login", "", WHO), 200);
    take("\"token\":\"", '"', token);
    cr_assert_eq(ask("PUT", "/v1/files/kept", "", "what was acknowledged"), 201);
    cr_assert_eq(ask("PUT", "/v1/files/large", "", "larger than others"), 201);
    cr_assert_eq(ask("POST", "/v1/channels/c/samples", "", "{\"timestamp\": 1}"), 200);
}

static void leave(void)
{
    error e = {0};
    stop();
    cr_assert(files_remove_content(folder, &e) && remove(folder) == 0);
}

static void kept_is_there(void)
{
    ask_until("GET", "/v1/files/kept", "", "");
    cr_assert_not_null(strstr(answer, "\r\n\r\nwhat was acknowledged"));
}

TestSuite(calls, .init = enter, .fini = leave, .timeout = 120);

Test(calls, each_that_fails_once_is_answered_and_got_over)
{
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
        each_call_fails(&stories[i], false);
    kept_is_there();
    cr_assert_eq(blob_temporary_count(what.blobs), 0);
    stop();
    start();
    kept_is_there();
}

Test(calls, a_start_on_which_anything_fails_says_so_or_is_whole)
{
    error e;
    ask_until("PUT", "/v1/files/f", "", "some content");
    stop();
    for (unsigned nth = 1; nth < 2500; nth += nth < 30 || nth > 1000 ? 1 : 97) {
        e = (error){0};
        failing_arm(nth, failures[nth % 2], false);
        bool fine = open_service(&e);
        bool failed = failing_disarm();
        service_close(&what);
        cr_assert(fine || e.kind != ERROR_NONE, "call %u", nth);
        if (!failed)
            break;
    }
    start();
    kept_is_there();
}
