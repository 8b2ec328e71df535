#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "qualify/probe_inside.h"

#define RESET_WITHIN 50 /* milliseconds */

/* libcurl 7.88 can send trailers itself, and now and then frees its buffer twice when it does. */
static void write_chunked(buffer *out, const char *method, const char *url,
                          const char *const *headers, const void *body, size_t length,
                          const char *trailer)
{
    const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
    const char *path = strchr(host, '/') != NULL ? strchr(host, '/') : "/";
    buffer_printf(out, "%s %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n", method, path,
                  (int)strcspn(host, "/"), host);
    for (const char *const *at = headers; at[0] != NULL; at += 2)
        buffer_printf(out, "%s: %s\r\n", at[0], at[1]);
    buffer_printf(out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", length);
    buffer_append(out, body, length);
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
        if (poll(&wait, 1, (int)PROBE_TIMEOUT) <= 0)
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
    buffer answer = {.limit = PROBE_BODY_MOST};
    reply *r = probe_next_reply(p);
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
    char url[PROBE_URL_SIZE];
    buffer text = {0};
    probe_url(p, address, url);
    probe_write_line(p, method, url, headers, body, length);
    write_chunked(&text, method, url, headers, body, length, trailer);
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
