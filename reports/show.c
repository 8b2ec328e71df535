#include "reports/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timing.h"
#include "base/units.h"
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

/* A sample's `detail` is a number, not a text. */
static void show_sample(const history_record *r, const char *when, buffer *out)
{
    char size[32];
    buffer_printf(out,
                  "%s  sample: %s resident, %" PRIu32 " descriptors, %" PRIu32 " threads, %" PRIu32
                  " temporary files, %" PRIu32 " processes",
                  when, units_show_size(r->value, size), r->detail, r->version, r->client,
                  r->sequence);
}

void show_record(const history *h, size_t index, buffer *out)
{
    char begin[32];
    char end[32];
    history_record r = history_get(h, index);
    units_show_duration(r.invoke, begin);
    if (r.kind == RECORD_PART) {
        buffer_printf(out, "%s  part of %" PRIu32 "/%" PRIu32 ": %s at %" PRIu64 " %.160s", begin,
                      r.client, r.sequence, part_name(r.type), r.size, history_text(h, r.detail));
        return;
    }
    if (r.kind == RECORD_SAMPLE) {
        show_sample(&r, begin, out);
        return;
    }
    if (r.kind != RECORD_OPERATION) {
        buffer_printf(out, "%s  %s %.160s", begin,
                      r.kind == RECORD_EVENT ? event_name(r.type) : fault_record_name(r.type),
                      history_text(h, r.detail));
        return;
    }
    units_show_duration(r.finish, end);
    buffer_printf(out, "%s to %s  client %" PRIu32 " %s %" PRIu32 "/%" PRIu32 " '%.120s' %s", begin,
                  end, r.client, operation_row_of(r.type)->name, r.client, r.sequence,
                  history_text(h, r.key), outcome_name(r.outcome));
    if (r.failure != FAILURE_NONE)
        buffer_printf(out, " (%s%s", failure_name(r.failure), r.status == 0 ? ")" : "");
    if (r.status != 0)
        buffer_printf(out, r.failure != FAILURE_NONE ? ", %u)" : " %u", r.status);
    if (r.value != 0)
        buffer_printf(out, " value %" PRIu32 "/%" PRIu32, (uint32_t)(r.value >> 32),
                      (uint32_t)r.value);
    if (r.version != 0)
        buffer_printf(out, " version %" PRIu32, r.version);
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
