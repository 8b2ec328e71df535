#include "reports/moments.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/units.h"

#define DETAIL_MOST 300 /* bytes of a text that go into a report */

static void begin_band(moments *m, const history *h, const history_record *r)
{
    if (m->band_count == MOMENTS_MOST) {
        m->left_out++;
        return;
    }
    m->bands[m->band_count++] = (fault_band){
        .index = (uint32_t)r->expected,
        .moment = r->sequence,
        .name = history_text(h, r->key),
        .detail = history_text(h, r->detail),
        .begin = r->invoke,
        .end = HISTORY_NEVER,
    };
}

static void end_band(moments *m, const history_record *r)
{
    for (size_t i = m->band_count; i-- > 0;) {
        fault_band *band = &m->bands[i];
        if (band->moment != r->sequence || band->index != r->expected || band->end != HISTORY_NEVER)
            continue;
        band->end = r->invoke;
        band->hits = r->value;
        return;
    }
}

static void take_event(moments *m, const history *h, const history_record *r)
{
    if (m->event_count == MOMENTS_MOST) {
        m->left_out++;
        return;
    }
    m->events[m->event_count++] =
        (moment){r->type, r->status, r->invoke, r->value, history_text(h, r->detail)};
}

static int by_begin(const void *a, const void *b)
{
    uint64_t x = ((const fault_band *)a)->begin;
    uint64_t y = ((const fault_band *)b)->begin;
    return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = ((const moment *)a)->at;
    uint64_t y = ((const moment *)b)->at;
    return (x > y) - (x < y);
}

void moments_take(moments *m, const history *h, const history_record *r)
{
    if (r->kind == RECORD_FAULT && r->type == FAULT_RECORD_BEGIN)
        begin_band(m, h, r);
    else if (r->kind == RECORD_FAULT && r->type == FAULT_RECORD_END)
        end_band(m, r);
    else if (r->kind == RECORD_EVENT && r->type != EVENT_OWN_MEMORY && r->type != EVENT_COUNTED)
        /* those are figures, not moments */
        take_event(m, h, r);
}

void moments_sort(moments *m)
{
    qsort(m->bands, m->band_count, sizeof m->bands[0], by_begin);
    qsort(m->events, m->event_count, sizeof m->events[0], by_time);
}

static void tell_exit(const moment *m, char *text, size_t size)
{
    int status = (int)m->value;
    const char *why = m->status == 1 ? "planned" : "not planned";
    if (WIFSIGNALED(status))
        snprintf(text, size, "the target was ended by signal %d, %s", WTERMSIG(status), why);
    else
        snprintf(text, size, "the target exited with code %d, %s", WEXITSTATUS(status), why);
}

const char *moment_sentence(const moment *m, char *text, size_t size)
{
    char length[32];
    switch (m->type) {
    case EVENT_TARGET_EXIT:
        tell_exit(m, text, size);
        return text;
    case EVENT_TARGET_START:
        snprintf(text, size, "the target was started, process %" PRIu64, m->value);
        return text;
    case EVENT_TARGET_READY:
        return "the target is ready";
    case EVENT_STEADY:
        return "steady state";
    case EVENT_LOAD_BEGIN:
        return "the load begins";
    case EVENT_LOAD_END:
        return "the load ends";
    case EVENT_QUIET:
        snprintf(text, size, "steady again %s after the load",
                 units_show_duration(m->value, length));
        return text;
    case EVENT_QUIET_FAILED:
        snprintf(text, size, "not steady again: %.*s", DETAIL_MOST, m->detail);
        return text;
    case EVENT_FINAL_READS:
        return "the final reads begin";
    case EVENT_INTERRUPT:
        return "the run was interrupted";
    case EVENT_ABORTED:
        snprintf(text, size, "the load ended early by threshold %.*s", DETAIL_MOST, m->detail);
        return text;
    case EVENT_POWER_CUT:
        return "the power was cut";
    case EVENT_DROPPED:
        snprintf(text, size, "%" PRIu64 " arrivals of %.*s were dropped", m->value, DETAIL_MOST,
                 m->detail);
        return text;
    default:
        snprintf(text, size, "%.*s", DETAIL_MOST, m->detail);
        return text;
    }
}

static void write_bands(const moments *m, json_writer *w)
{
    writer_key(w, "faults");
    writer_array(w);
    for (size_t i = 0; i < m->band_count; i++) {
        const fault_band *band = &m->bands[i];
        char detail[DETAIL_MOST + 1];
        snprintf(detail, sizeof detail, "%s", band->detail);
        writer_object(w);
        writer_put_text(w, "name", band->name);
        writer_put_whole(w, "index", band->index);
        writer_put_whole(w, "begin", band->begin);
        writer_key(w, "end");
        band->end == HISTORY_NEVER ? writer_null(w) : writer_whole(w, band->end);
        writer_put_whole(w, "hits", band->hits);
        if (detail[0] != '\0')
            writer_put_text(w, "detail", detail);
        writer_object_end(w);
    }
    writer_array_end(w);
}

void moments_write(const moments *m, json_writer *w)
{
    char sentence[400];
    write_bands(m, w);
    writer_key(w, "events");
    writer_array(w);
    for (size_t i = 0; i < m->event_count; i++) {
        writer_object(w);
        writer_put_text(w, "type", event_name(m->events[i].type));
        writer_put_whole(w, "at", m->events[i].at);
        writer_put_text(w, "text", moment_sentence(&m->events[i], sentence, sizeof sentence));
        if (m->events[i].type == EVENT_TARGET_EXIT)
            writer_put_bool(w, "planned", m->events[i].status == 1);
        writer_object_end(w);
    }
    writer_array_end(w);
    writer_put_whole(w, "moments_left_out", m->left_out);
}
