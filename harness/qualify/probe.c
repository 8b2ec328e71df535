#include "qualify/probe.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/percent.h"
#include "base/timing.h"

#define BODY_MOST      ((size_t)64 << 20)
#define TIMEOUT        20000L /* milliseconds */
#define RESET_WITHIN   50     /* milliseconds */
#define CURL_LINE_SIZE 2048
#define FIELD_SIZE     16384

struct probe {
    probe_target target;
    const char *unique;
    const auth *signs;
    arena *memory;
    CURL *easy;
    reply replies[PROBE_REPLIES_MOST];
    size_t reply_count;
    bool failed;
    long patience; /* milliseconds; 0: the usual */
    bool not_applicable;
    char actual[PROBE_TEXT_SIZE];
    char line[CURL_LINE_SIZE];        /* of the last request */
    char failed_line[CURL_LINE_SIZE]; /* of the one that did not hold */
};

probe *probe_open(const probe_target *target, const char *unique)
{
    probe *p = memory_zeroed(1, sizeof *p);
    p->target = *target;
    p->unique = unique;
    p->signs = target->auth;
    p->memory = arena_create("probe", (size_t)1 << 20);
    p->easy = curl_easy_init();
    CHECK(p->easy != NULL);
    return p;
}

void probe_forget(probe *p)
{
    for (size_t i = 0; i < p->reply_count; i++) {
        buffer_free(&p->replies[i].head);
        buffer_free(&p->replies[i].body);
        p->replies[i] = (reply){.status = 0};
    }
    p->reply_count = 0;
}

void probe_close(probe *p)
{
    probe_forget(p);
    curl_easy_cleanup(p->easy);
    arena_destroy(p->memory);
    free(p);
}

const probe_target *probe_where(const probe *p)
{
    return &p->target;
}

const char *probe_unique(const probe *p)
{
    return p->unique;
}

void probe_sign_with(probe *p, const auth *a)
{
    p->signs = a;
}

const char *probe_escape(probe *p, const char *text)
{
    char out[1024] = "";
    percent_append(out, sizeof out, text, "-_.~");
    const char *kept = arena_text(p->memory, out, strlen(out));
    CHECK(kept != NULL);
    return kept;
}

const char *probe_file(probe *p, const char *name)
{
    char text[1024];
    CHECK(p->target.files != NULL);
    int length =
        snprintf(text, sizeof text, "%s%s%s-%s", p->target.base, p->target.files, p->unique, name);
    CHECK(length > 0 && (size_t)length < sizeof text);
    const char *out = arena_text(p->memory, text, (size_t)length);
    CHECK(out != NULL);
    return out;
}

/* --- one request --- */

typedef struct {
    const char *bytes;
    size_t length;
    size_t at;
    size_t cut; /* no byte is sent beyond it; SIZE_MAX: all are */
} source;

static size_t on_send(char *out, size_t size, size_t count, void *owner)
{
    source *s = owner;
    size_t room = size * count;
    if (s->at >= s->cut)
        return CURL_READFUNC_ABORT;
    size_t end = s->cut < s->length ? s->cut : s->length;
    size_t left = end - s->at;
    size_t length = room < left ? room : left;
    memcpy(out, s->bytes + s->at, length);
    s->at += length;
    return length;
}

static int on_seek(void *owner, curl_off_t offset, int origin)
{
    source *s = owner;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > s->length)
        return CURL_SEEKFUNC_FAIL;
    s->at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *owner)
{
    return buffer_append(owner, bytes, size * count) ? size * count : 0;
}

static void add_quoted(buffer *line, const char *flag, const char *text)
{
    buffer_printf(line, " %s'", flag);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buffer_text_append(line, "'\\''");
        else
            buffer_append(line, text, 1);
    }
    buffer_text_append(line, "'");
}

static void add_header(buffer *line, const char *name, const char *value)
{
    char text[PROBE_TEXT_SIZE];
    snprintf(text, sizeof text, value[0] != '\0' ? "%s: %s" : "%s:", name, value);
    add_quoted(line, "-H ", text);
}

/* What a person types to see the same answer; long contents are only as long. */
static void write_line(probe *p, const char *method, const char *url, const char *const *headers,
                       const void *body, size_t length)
{
    char text[256];
    buffer line = {0};
    bool brief = length < 200 && (length == 0 || memchr(body, 0, length) == NULL);
    if (body != NULL && !brief)
        buffer_printf(&line, "head -c %zu /dev/zero | ", length);
    buffer_text_append(&line, "curl -i");
    auth_add_flags(p->signs, p->signs == p->target.auth ? p->target.secret : p->signs->secret,
                   &line);
    if (strcmp(method, "HEAD") == 0)
        buffer_text_append(&line, " -I");
    else
        add_quoted(&line, "-X ", method);
    for (const char *const *at = headers; at != NULL && at[0] != NULL; at += 2)
        add_header(&line, at[0], at[1]);
    snprintf(text, sizeof text, "%.*s", brief ? (int)length : 0,
             body != NULL ? (const char *)body : "");
    if (body != NULL)
        add_quoted(&line, "--data-binary ", brief ? text : "@-");
    add_quoted(&line, "", url);
    snprintf(p->line, sizeof p->line, "%s", buffer_text(&line));
    buffer_free(&line);
}

static struct curl_slist *header_list(const auth *a, const char *const *headers, const char *bearer)
{
    char text[FIELD_SIZE];
    const char *more = auth_header(a);
    struct curl_slist *list = NULL;
    if (!auth_signs(a))
        list = curl_slist_append(list, "Expect:");
    if (more != NULL)
        list = curl_slist_append(list, more);
    for (const char *const *at = headers; at != NULL && at[0] != NULL; at += 2) {
        int length = snprintf(text, sizeof text, at[1][0] != '\0' ? "%s: %s" : "%s:", at[0], at[1]);
        CHECK(length >= 0 && (size_t)length < sizeof text);
        list = curl_slist_append(list, text);
        CHECK(list != NULL);
        if (strcmp(at[0], "Authorization") == 0)
            bearer = NULL;
    }
    if (bearer != NULL) {
        snprintf(text, sizeof text, "Authorization: Bearer %s", bearer);
        list = curl_slist_append(list, text);
        CHECK(list != NULL);
    }
    return list;
}

static void set_content(CURL *easy, source *s)
{
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_READDATA, s);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, s);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->length);
}

static const reply *ask(probe *p, const char *method, const char *address,
                        const char *const *headers, source *s)
{
    char url[2048];
    CHECK(p->reply_count < PROBE_REPLIES_MOST);
    reply *r = &p->replies[p->reply_count++];
    CURL *easy = p->easy;
    snprintf(url, sizeof url, "%s%s", address[0] == '/' ? p->target.base : "", address);
    write_line(p, method, url, headers, s->bytes, s->length);
    struct curl_slist *list = header_list(p->signs, headers, p->target.bearer);
    r->body.limit = BODY_MOST;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, p->patience > 0 ? p->patience : TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &r->head);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &r->body);
    auth_apply(easy, p->signs);
    if (s->bytes != NULL)
        set_content(easy, s);
    else if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    CURLcode code = curl_easy_perform(easy);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    r->status = (unsigned)status;
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    r->connections = (unsigned)connections;
    if (code != CURLE_OK)
        snprintf(r->failure, sizeof r->failure, "%.150s", curl_easy_strerror(code));
    curl_slist_free_all(list);
    return r;
}

const reply *probe_ask(probe *p, const char *method, const char *address,
                       const char *const *headers, const void *body, size_t length)
{
    return ask(p, method, address, headers, &(source){body, length, 0, SIZE_MAX});
}

const reply *probe_ask_cut(probe *p, const char *method, const char *address,
                           const char *const *headers, const void *body, size_t length, size_t cut)
{
    return ask(p, method, address, headers, &(source){body, length, 0, cut});
}

/* libcurl 7.88 can send trailers itself, and now and then frees its buffer twice when it does. */
static void write_chunked(buffer *out, const char *method, const char *url,
                          const char *const *headers, const source *s, const char *trailer)
{
    const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
    const char *path = strchr(host, '/') != NULL ? strchr(host, '/') : "/";
    buffer_printf(out, "%s %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n", method, path,
                  (int)strcspn(host, "/"), host);
    for (const char *const *at = headers; at[0] != NULL; at += 2)
        buffer_printf(out, "%s: %s\r\n", at[0], at[1]);
    buffer_printf(out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", s->length);
    buffer_append(out, s->bytes, s->length);
    buffer_printf(out, "\r\n0\r\n%s\r\n\r\n", trailer);
}

typedef struct {
    const char *first;
    size_t length;
    unsigned pause; /* milliseconds */
    const char *later;
    uint64_t paused; /* nanoseconds that it took */
} words;

static CURLcode send_all(CURL *easy, const char *text, size_t length)
{
    size_t count = 0;
    CURLcode code = CURLE_OK;
    for (size_t sent = 0; code == CURLE_OK && sent < length; sent += count)
        code = curl_easy_send(easy, text + sent, length - sent, &count);
    return code;
}

/* All of it out, and all that comes until the other side closes. */
static CURLcode talk(CURL *easy, words *said, buffer *answer)
{
    char bytes[4096];
    size_t count = 0;
    curl_socket_t handle = CURL_SOCKET_BAD;
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &handle);
    if (code == CURLE_OK)
        code = send_all(easy, said->first, said->length);
    if (code == CURLE_OK && said->later != NULL) {
        uint64_t since = timing_now();
        timing_sleep(said->pause * NANOSECONDS_PER_MILLISECOND);
        said->paused = timing_now() - since;
        /* What was answered is read also when this is not taken any more. */
        send_all(easy, said->later, strlen(said->later));
    }
    while (code == CURLE_OK || code == CURLE_AGAIN) {
        struct pollfd wait = {.fd = handle, .events = POLLIN};
        if (poll(&wait, 1, (int)TIMEOUT) <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        code = curl_easy_recv(easy, bytes, sizeof bytes, &count);
        if (code == CURLE_OK && (count == 0 || !buffer_append(answer, bytes, count)))
            break;
    }
    /* What is sent behind an end may be answered with a reset, which no read tells of. */
    struct pollfd end = {.fd = handle, .events = 0};
    if (code == CURLE_OK && said->later != NULL && poll(&end, 1, RESET_WITHIN) > 0 &&
        (end.revents & POLLERR) != 0)
        code = CURLE_RECV_ERROR;
    return code;
}

static void split(reply *r, const buffer *answer)
{
    const char *text = buffer_text(answer);
    const char *end = strstr(text, "\r\n\r\n");
    const char *status = strchr(text, ' ');
    r->status = status != NULL ? (unsigned)strtoul(status, NULL, 10) : 0;
    if (end == NULL || r->status == 0) {
        snprintf(r->failure, sizeof r->failure, "no answer, or none of HTTP");
        return;
    }
    buffer_append(&r->head, text, (size_t)(end + 4 - text));
    buffer_append(&r->body, end + 4, answer->length - (size_t)(end + 4 - text));
}

/* On a connection that nothing else uses. */
static const reply *converse_alone(probe *p, const char *url, words *said)
{
    buffer answer = {.limit = BODY_MOST};
    CHECK(p->reply_count < PROBE_REPLIES_MOST);
    reply *r = &p->replies[p->reply_count++];
    CURL *easy = curl_easy_init();
    CHECK(easy != NULL);
    r->connections = 1;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    CURLcode code = talk(easy, said, &answer);
    curl_easy_cleanup(easy);
    r->paused = said->paused;
    if (code == CURLE_OK || answer.length > 0)
        split(r, &answer);
    if (code != CURLE_OK)
        snprintf(r->failure, sizeof r->failure, "%.150s", curl_easy_strerror(code));
    buffer_free(&answer);
    return r;
}

const reply *probe_ask_trailer(probe *p, const char *method, const char *address,
                               const char *const *headers, const void *body, size_t length,
                               const char *trailer)
{
    char url[2048];
    buffer text = {0};
    source s = {body, length, 0, SIZE_MAX};
    snprintf(url, sizeof url, "%s%s", address[0] == '/' ? p->target.base : "", address);
    write_line(p, method, url, headers, body, length);
    write_chunked(&text, method, url, headers, &s, trailer);
    const reply *r =
        converse_alone(p, url, &(words){.first = buffer_text(&text), .length = text.length});
    buffer_free(&text);
    return r;
}

const char *probe_host(probe *p)
{
    const char *scheme = strstr(p->target.base, "://");
    const char *host = scheme != NULL ? scheme + 3 : p->target.base;
    const char *kept = arena_text(p->memory, host, strcspn(host, "/"));
    CHECK(kept != NULL);
    return kept;
}

static void add_words(buffer *line, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\r' || *text == '\n')
            buffer_text_append(line, *text == '\r' ? "\\r" : "\\n");
        else if (*text == '\'')
            buffer_text_append(line, "'\\''");
        else
            buffer_append(line, text, 1);
}

/* What a person types to say the same; what is long is cut. */
static void write_words(probe *p, const char *first, unsigned pause, const char *later)
{
    buffer line = {0};
    buffer_text_append(&line, "(printf '%b' '");
    add_words(&line, first);
    if (later != NULL) {
        buffer_printf(&line, "'; sleep %u.%03u; printf '%%b' '", pause / 1000, pause % 1000);
        add_words(&line, later);
    }
    const char *host = probe_host(p);
    int name = (int)strcspn(host, ":");
    buffer_printf(&line, "') | nc %.*s %s", name, host, host[name] == ':' ? host + name + 1 : "80");
    snprintf(p->line, sizeof p->line, "%s", buffer_text(&line));
    buffer_free(&line);
}

const reply *probe_say(probe *p, const char *first, unsigned pause, const char *later)
{
    write_words(p, first, pause, later);
    return converse_alone(
        p, p->target.base,
        &(words){.first = first, .length = strlen(first), .pause = pause, .later = later});
}

void probe_leave_after(probe *p, unsigned milliseconds)
{
    p->patience = (long)milliseconds;
}

/* --- replies --- */

const char *reply_field(const reply *r, const char *name, char *out, size_t size)
{
    size_t skip = strlen(name);
    out[0] = '\0';
    for (const char *at = buffer_text(&r->head); *at != '\0';) {
        size_t line = strcspn(at, "\r\n");
        if (line > skip && strncasecmp(at, name, skip) == 0 && at[skip] == ':') {
            const char *value = at + skip + 1;
            while (*value == ' ')
                value++;
            snprintf(out, size, "%.*s", (int)(at + line - value), value);
        }
        at += line;
        at += strspn(at, "\r\n");
    }
    return out;
}

bool reply_is(const reply *r, const void *bytes, size_t length)
{
    return r->failure[0] == '\0' && r->body.length == length &&
           (length == 0 || memcmp(r->body.bytes, bytes, length) == 0);
}

/* --- the verdict --- */

bool probe_expect(probe *p, bool holds, const char *actual, ...)
{
    va_list values;
    if (holds || p->failed)
        return holds;
    p->failed = true;
    va_start(values, actual);
    vsnprintf(p->actual, sizeof p->actual, actual, values);
    va_end(values);
    memcpy(p->failed_line, p->line, sizeof p->line);
    return false;
}

bool probe_expect_status(probe *p, const reply *r, unsigned a, unsigned b, unsigned c, unsigned d)
{
    bool holds =
        r->status != 0 && (r->status == a || r->status == b || r->status == c || r->status == d);
    if (r->status == 0)
        return probe_expect(p, false, "no answer: %s", r->failure);
    return probe_expect(p, holds, "status %u", r->status);
}

void probe_not_applicable(probe *p, const char *why)
{
    p->not_applicable = true;
    snprintf(p->actual, sizeof p->actual, "%s", why);
}

bool probe_overruled(probe *p, const char *protocol, const char *why)
{
    bool overruled = strcmp(p->target.protocol, protocol) == 0;
    if (overruled)
        probe_not_applicable(p, why);
    return overruled;
}

void probe_tell(probe *p, const char *format, ...)
{
    va_list values;
    if (p->failed)
        return;
    va_start(values, format);
    vsnprintf(p->actual, sizeof p->actual, format, values);
    va_end(values);
}

bool probe_unanswered(const probe *p)
{
    return p->reply_count > 0 && p->replies[p->reply_count - 1].status == 0;
}

bool probe_failed(const probe *p)
{
    return p->failed;
}

bool probe_is_not_applicable(const probe *p)
{
    return p->not_applicable && !p->failed;
}

const char *probe_actual(const probe *p)
{
    return p->actual;
}

const char *probe_curl(const probe *p)
{
    return p->failed_line[0] != '\0' ? p->failed_line : p->line;
}
