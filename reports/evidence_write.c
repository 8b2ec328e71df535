#include "reports/evidence_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/trace.h"
#include "history/operations.h"
#include "reports/evidence_steps.h"

#define NAME_SHOWN 200 /* bytes of a name that go into a report */

static void put_name(const history *h, json_writer *w, const char *key, uint32_t name)
{
    char text[NAME_SHOWN + 4];
    if (name == 0)
        return;
    snprintf(text, sizeof text, "%.*s%s", NAME_SHOWN, history_text(h, name),
             history_text_length(h, name) > NAME_SHOWN ? "..." : "");
    writer_put_text(w, key, text);
}

static void put_value(json_writer *w, const char *key, uint64_t value)
{
    char text[32];
    if (value == 0)
        return;
    snprintf(text, sizeof text, "%u/%u", (unsigned)(value >> 32), (unsigned)value);
    writer_put_text(w, key, text);
}

bool evidence_mismatch(const history *h, size_t at, history_record *part)
{
    history_record r = history_get(h, at);
    if (r.kind != RECORD_OPERATION)
        return false;
    for (size_t i = at; i-- > 0;) {
        history_record before = history_get(h, i);
        if (before.kind != RECORD_PART || before.client != r.client ||
            before.sequence != r.sequence)
            return false;
        if (before.type == PART_MISMATCH) {
            *part = before;
            return true;
        }
    }
    return false;
}

/* The driver's sentence is "...; expected 00 11 ..., saw 22 33 ...". */
void evidence_bytes(const char *sentence, char *expected, char *seen, size_t size)
{
    const char *wanted = strstr(sentence, "; expected ");
    const char *came = wanted != NULL ? strstr(wanted, ", saw ") : NULL;
    expected[0] = seen[0] = '\0';
    if (came == NULL)
        return;
    wanted += strlen("; expected ");
    snprintf(expected, size, "%.*s", (int)(came - wanted), wanted);
    snprintf(seen, size, "%s", came + strlen(", saw "));
}

static void write_mismatch(const history *h, size_t at, json_writer *w)
{
    history_record part;
    char expected[96];
    char seen[96];
    if (!evidence_mismatch(h, at, &part))
        return;
    const char *sentence = history_text(h, part.detail);
    evidence_bytes(sentence, expected, seen, sizeof expected);
    writer_key(w, "mismatch");
    writer_object(w);
    writer_put_whole(w, "offset", part.size);
    put_value(w, "whose", part.value);
    put_name(h, w, "sentence", part.detail);
    writer_put_text(w, "expected", expected);
    writer_put_text(w, "seen", seen);
    writer_object_end(w);
}

static void write_log(const facts *f, const char *trace, json_writer *w)
{
    const log_trace *found = log_lines_of(&f->logs, trace);
    if (found == NULL)
        return;
    writer_key(w, "log");
    writer_array(w);
    for (size_t i = 0; i < found->count; i++)
        writer_text(w, found->lines[i]);
    writer_array_end(w);
    if (found->more > 0)
        writer_put_whole(w, "log_left_out", found->more);
}

static void write_operation(const facts *f, size_t index, const history_record *r, json_writer *w)
{
    const history *h = f->verdict->history;
    char trace[TRACE_DIGITS + 1];
    trace_id(f->verdict->scenario->seed, r->client, r->sequence, trace);
    writer_put_text(w, "operation", operation_row_of(r->type)->name);
    writer_put_bool(w, "writes", operation_row_of(r->type)->writes);
    writer_put_whole(w, "client", r->client);
    writer_put_whole(w, "sequence", r->sequence);
    put_name(h, w, "key", r->key);
    writer_put_whole(w, "invoke", r->invoke);
    writer_key(w, "finish");
    r->finish == HISTORY_NEVER ? writer_null(w) : writer_whole(w, r->finish);
    writer_put_text(w, "outcome", outcome_name(r->outcome));
    if (r->failure != FAILURE_NONE)
        writer_put_text(w, "failure", failure_name(r->failure));
    writer_put_whole(w, "status", r->status);
    put_value(w, "value", r->value);
    writer_put_whole(w, "size", r->size);
    if (r->version != 0)
        writer_put_whole(w, "version", r->version);
    writer_put_bool(w, "absent", r->flags & FLAG_ABSENT);
    writer_put_bool(w, "final", r->flags & FLAG_FINAL);
    put_name(h, w, "detail", r->detail);
    writer_put_text(w, "trace", trace);
    write_mismatch(h, index, w);
    write_log(f, trace, w);
}

static void write_step(const facts *f, const evidence_step *step, json_writer *w)
{
    writer_object(w);
    writer_put_text(w, "line", step->line);
    if (step->record != EVIDENCE_NO_RECORD) {
        history_record r = history_get(f->verdict->history, step->record);
        if (r.kind == RECORD_OPERATION)
            write_operation(f, step->record, &r, w);
    }
    writer_object_end(w);
}

void evidence_write(const facts *f, const judge_finding *finding, json_writer *w)
{
    evidence_step steps[EVIDENCE_SHOWN_MOST];
    size_t count = evidence_gather(f, finding, steps);
    writer_key(w, "steps");
    writer_array(w);
    for (size_t i = 0; i < count; i++)
        write_step(f, &steps[i], w);
    writer_array_end(w);
}
