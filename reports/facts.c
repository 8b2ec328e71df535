#include "reports/facts.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/timing.h"
#include "base/units.h"
#include "engine/trace.h"

#define RUN_JSON_MOST ((size_t)4 << 20)

static void want_logs(facts *f)
{
    const verdict *v = f->verdict;
    char trace[TRACE_DIGITS + 1];
    for (size_t i = 0; i < v->invariant_count; i++) {
        const judge_finding *finding = &v->invariants[i].finding;
        for (size_t n = 0; n < finding->step_count; n++) {
            if (finding->steps[n].record == EVIDENCE_NO_RECORD)
                continue;
            history_record r = history_get(v->history, finding->steps[n].record);
            if (r.kind == RECORD_OPERATION)
                log_lines_want(&f->logs, trace_id(v->scenario->seed, r.client, r.sequence, trace));
        }
    }
    log_lines_read(&f->logs, f->directory);
}

static uint64_t read_began(const facts *f)
{
    buffer text = {0};
    facts_run_json(f, RUN_JSON_MOST, &text);
    json_t *root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
    json_int_t began = json_integer_value(json_object_get(root, "began_ns"));
    json_decref(root);
    buffer_free(&text);
    return began > 0 ? (uint64_t)began : 0;
}

/* Once over the history, which may be gigabytes. */
static void gather_records(facts *f)
{
    const history *h = f->verdict->history;
    f->series = series_begin(f->verdict);
    f->moments = memory_zeroed(1, sizeof *f->moments);
    f->impact = impact_begin();
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        series_take(f->series, &r);
        if (r.kind == RECORD_OPERATION)
            impact_take(&f->impact, &r);
        else
            moments_take(f->moments, h, &r);
    }
    moments_sort(f->moments);
    impact_end(&f->impact);
}

facts *facts_gather(const verdict *v, const char *directory)
{
    facts *f = memory_zeroed(1, sizeof *f);
    f->verdict = v;
    f->directory = directory;
    gather_records(f);
    f->began = read_began(f);
    want_logs(f);
    return f;
}

void facts_free(facts *f)
{
    if (f == NULL)
        return;
    free(f->series);
    free(f->moments);
    log_lines_free(&f->logs);
    free(f);
}

void facts_run_json(const facts *f, size_t most, buffer *out)
{
    char path[600];
    error unable = {0};
    if (!files_join(path, sizeof path, f->directory, "run.json", &unable) ||
        !files_read(path, most, out, &unable)) {
        buffer_clear(out);
        buffer_text_append(out, "null");
    }
}

double facts_detection(const facts *f, const judge_finding *finding)
{
    uint64_t from = f->verdict->load_begin;
    if (finding->answer != ANSWER_VIOLATED)
        return -1;
    for (size_t i = 0; i < f->moments->band_count; i++)
        if (f->moments->bands[i].begin <= finding->first_at)
            from = f->moments->bands[i].begin;
    uint64_t took = finding->first_at > from ? finding->first_at - from : 0;
    return (double)took / (double)NANOSECONDS_PER_SECOND;
}

uint64_t facts_recovery(const facts *f)
{
    for (size_t i = 0; i < f->moments->event_count; i++)
        if (f->moments->events[i].type == EVENT_QUIET)
            return f->moments->events[i].value;
    return HISTORY_NEVER;
}

char *facts_time(const facts *f, uint64_t at, char text[64])
{
    char wall[32];
    char since[32];
    units_show_duration(at, since);
    if (f->began == 0)
        snprintf(text, 64, "+%s", since);
    else
        snprintf(text, 64, "%s (+%s)", timing_wall_text(f->began + at, wall), since);
    return text;
}
