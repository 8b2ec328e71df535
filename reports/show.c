#include "reports/show.h"

#include <stdio.h>
#include <string.h>

#include "base/timing.h"
#include "base/utf8.h"

char *show_threshold_value(const verdict_threshold *t, char text[32])
{
    if (!t->measured) {
        snprintf(text, 32, "nothing to measure");
        return text;
    }
    return threshold_show(t->threshold, t->value, text);
}

double show_seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / (double)NANOSECONDS_PER_SECOND;
}

double show_rate(const verdict *v, const operation_figures *f)
{
    double seconds = show_seconds(v->load_end - v->load_begin);
    return seconds > 0 ? (double)f->ok / seconds : 0;
}

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return c < 0x20 && c != '\n' && c != '\t' ? "?" : NULL;
    }
}

/* U+FFFE and U+FFFF are characters that XML refuses. */
static bool forbidden(const unsigned char *at, size_t length)
{
    return length == 3 && at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe;
}

void show_escaped(const char *text, buffer *out)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);
    while (left > 0) {
        const char *entity = entity_of(*at);
        size_t length = utf8_length(at, left);
        if (entity != NULL)
            buffer_text_append(out, entity);
        else if (length == 0 || forbidden(at, length))
            buffer_text_append(out, "\xef\xbf\xbd");
        else
            buffer_append(out, at, length);
        length = length > 0 ? length : 1;
        at += length;
        left -= length;
    }
}

void show_lines(json_writer *w, const char *name, const char lines[][VERDICT_REASON_SIZE],
                size_t count)
{
    writer_key(w, name);
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        writer_text(w, lines[i]);
    writer_array_end(w);
}
