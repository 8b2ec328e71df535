#include "base/json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"

json_writer writer_begin(buffer *out)
{
    return (json_writer){.out = out};
}

static void new_line(json_writer *w)
{
    if (!w->indent)
        return;
    buffer_append(w->out, "\n", 1);
    for (int i = 0; i < w->depth; i++)
        buffer_append(w->out, "  ", 2);
}

static void before_member(json_writer *w)
{
    if (w->filled[w->depth])
        buffer_append(w->out, ",", 1);
    w->filled[w->depth] = true;
    if (w->depth > 0)
        new_line(w);
}

static void before_value(json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    CHECK(!w->object[w->depth]);
    CHECK(w->depth > 0 || !w->filled[0]);
    before_member(w);
}

static void open_level(json_writer *w, bool object)
{
    before_value(w);
    buffer_append(w->out, object ? "{" : "[", 1);
    CHECK(w->depth < JSON_WRITER_DEPTH);
    w->depth++;
    w->filled[w->depth] = false;
    w->object[w->depth] = object;
}

static void close_level(json_writer *w, bool object)
{
    CHECK(w->depth > 0 && !w->after_key && w->object[w->depth] == object);
    bool filled = w->filled[w->depth--];
    if (filled)
        new_line(w);
    buffer_append(w->out, object ? "}" : "]", 1);
}

void writer_object(json_writer *w)
{
    open_level(w, true);
}

void writer_object_end(json_writer *w)
{
    close_level(w, true);
}

void writer_array(json_writer *w)
{
    open_level(w, false);
}

void writer_array_end(json_writer *w)
{
    close_level(w, false);
}

static void write_escaped(buffer *out, unsigned char c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *form = short_forms; *form != '\0'; form += 2) {
        if ((unsigned char)form[0] == c) {
            buffer_printf(out, "\\%c", form[1]);
            return;
        }
    }
    buffer_printf(out, "\\u%04x", c);
}

static void write_quoted(buffer *out, const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + length;
    buffer_append(out, "\"", 1);
    while (at < end) {
        const unsigned char *plain = at;
        while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
            at++;
        buffer_append(out, plain, (size_t)(at - plain));
        if (at == end)
            break;
        size_t size = utf8_length(at, (size_t)(end - at));
        if (size == 0)
            buffer_text_append(out, "\xef\xbf\xbd");
        else if (size > 1)
            buffer_append(out, at, size);
        else
            write_escaped(out, *at);
        at += size > 0 ? size : 1;
    }
    buffer_append(out, "\"", 1);
}

void writer_key(json_writer *w, const char *key)
{
    CHECK(w->object[w->depth] && !w->after_key);
    before_member(w);
    write_quoted(w->out, key, strlen(key));
    buffer_text_append(w->out, w->indent ? ": " : ":");
    w->after_key = true;
}

void writer_text_sized(json_writer *w, const char *text, size_t length)
{
    before_value(w);
    write_quoted(w->out, text, length);
}

void writer_text(json_writer *w, const char *text)
{
    if (text == NULL)
        writer_null(w);
    else
        writer_text_sized(w, text, strlen(text));
}

void writer_whole(json_writer *w, uint64_t number)
{
    before_value(w);
    buffer_printf(w->out, "%" PRIu64, number);
}

void writer_signed(json_writer *w, int64_t number)
{
    before_value(w);
    buffer_printf(w->out, "%" PRId64, number);
}

void writer_real(json_writer *w, double number)
{
    if (!isfinite(number)) {
        writer_null(w);
        return;
    }
    before_value(w);
    /* The fewest digits that bring the same number back. */
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buffer_text_append(w->out, text);
}

void writer_bool(json_writer *w, bool value)
{
    before_value(w);
    buffer_text_append(w->out, value ? "true" : "false");
}

void writer_null(json_writer *w)
{
    before_value(w);
    buffer_text_append(w->out, "null");
}

void writer_raw(json_writer *w, const char *json)
{
    before_value(w);
    buffer_text_append(w->out, json);
}

void writer_put_text(json_writer *w, const char *key, const char *text)
{
    writer_key(w, key);
    writer_text(w, text);
}

void writer_put_whole(json_writer *w, const char *key, uint64_t number)
{
    writer_key(w, key);
    writer_whole(w, number);
}

void writer_put_signed(json_writer *w, const char *key, int64_t number)
{
    writer_key(w, key);
    writer_signed(w, number);
}

void writer_put_real(json_writer *w, const char *key, double number)
{
    writer_key(w, key);
    writer_real(w, number);
}

void writer_put_bool(json_writer *w, const char *key, bool value)
{
    writer_key(w, key);
    writer_bool(w, value);
}
