#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "qualify/probe_inside.h"

#define FIELD_SIZE 16384

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

void probe_write_line(probe *p, const char *method, const char *url, const char *const *headers,
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
    char url[PROBE_URL_SIZE];
    reply *r = probe_next_reply(p);
    CURL *easy = p->easy;
    probe_url(p, address, url);
    probe_write_line(p, method, url, headers, s->bytes, s->length);
    struct curl_slist *list = header_list(p->signs, headers, p->target.bearer);
    r->body.limit = PROBE_BODY_MOST;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, p->patience > 0 ? p->patience : PROBE_TIMEOUT);
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
