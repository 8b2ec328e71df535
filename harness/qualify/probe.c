#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/percent.h"
#include "qualify/probe_inside.h"

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

reply *probe_next_reply(probe *p)
{
    CHECK(p->reply_count < PROBE_REPLIES_MOST);
    return &p->replies[p->reply_count++];
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

void probe_url(const probe *p, const char *address, char url[PROBE_URL_SIZE])
{
    snprintf(url, PROBE_URL_SIZE, "%s%s", address[0] == '/' ? p->target.base : "", address);
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
