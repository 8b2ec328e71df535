#include "reports/data.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "history/operations.h"
#include "reports/evidence_write.h"
#include "reports/show.h"

#define RUN_JSON_SHOWN ((size_t)150 * 1024) /* a longer plan is left to run.json itself */
#define TEXT_SHOWN     4000

static void write_invariants(const facts *f, json_writer *w)
{
    const verdict *v = f->verdict;
    writer_key(w, "invariants");
    writer_array(w);
    for (size_t i = 0; i < v->invariant_count; i++) {
        const verdict_invariant *n = &v->invariants[i];
        double detection = facts_detection(f, &n->finding);
        writer_object(w);
        writer_put_text(w, "name", n->judge->name);
        writer_put_text(w, "definition", n->judge->definition);
        writer_put_text(w, "needs", n->judge->needs);
        writer_put_text(w, "answer", verdict_answer_name(n->finding.answer));
        writer_put_text(w, "sentence", n->finding.sentence);
        writer_put_bool(w, "always", n->always_on);
        writer_put_whole(w, "examined", n->finding.examined);
        writer_put_whole(w, "violations", n->finding.violations);
        if (detection >= 0) {
            writer_put_whole(w, "first_at", n->finding.first_at);
            writer_put_real(w, "detection_s", detection);
        }
        evidence_write(f, &n->finding, w);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_thresholds(const verdict *v, json_writer *w)
{
    char value[32];
    writer_key(w, "thresholds");
    writer_array(w);
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        writer_object(w);
        writer_put_text(w, "bound", v->thresholds[i].threshold->text);
        writer_put_text(w, "value", show_threshold_value(&v->thresholds[i], value));
        writer_put_bool(w, "holds", v->thresholds[i].holds);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_latency(json_writer *w, const operation_figures *f)
{
    writer_put_whole(w, "p50", histogram_percentile(&f->latency, 50));
    writer_put_whole(w, "p99", histogram_percentile(&f->latency, 99));
    writer_put_whole(w, "p99_9", histogram_percentile(&f->latency, 99.9));
    writer_put_whole(w, "corrected_p99", histogram_percentile(&f->corrected, 99));
    writer_put_whole(w, "corrected_p99_9", histogram_percentile(&f->corrected, 99.9));
    writer_put_whole(w, "most", f->latency.most);
}

static void write_operations(const verdict *v, json_writer *w)
{
    writer_key(w, "table");
    writer_array(w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        if (f->ok + f->failed + f->unknown == 0)
            continue;
        writer_object(w);
        writer_put_text(w, "operation", operation_row_of(type)->name);
        writer_put_whole(w, "ok", f->ok);
        writer_put_whole(w, "failed", f->failed);
        writer_put_whole(w, "unknown", f->unknown);
        if (f->latency.count > 0)
            write_latency(w, f);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_failures(const verdict *v, json_writer *w)
{
    writer_key(w, "failures");
    writer_array(w);
    for (size_t i = 0; i < v->failure_count; i++) {
        writer_object(w);
        writer_put_text(w, "operation", operation_row_of(v->failures[i].type)->name);
        writer_put_text(w, "failure", failure_name(v->failures[i].failure));
        writer_put_whole(w, "status", v->failures[i].status);
        writer_put_whole(w, "count", v->failures[i].count);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_head(const facts *f, const char *page, json_writer *w)
{
    const verdict *v = f->verdict;
    char story[TEXT_SHOWN];
    snprintf(story, sizeof story, "%s", v->scenario->story);
    writer_put_text(w, "page", page);
    writer_put_text(w, "scenario", v->scenario->name);
    writer_put_text(w, "story", story);
    writer_put_text(w, "target", v->scenario->target.name);
    /* As text: a program that reads it as a number may round it. */
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)v->scenario->seed);
    writer_put_text(w, "seed", seed);
    writer_put_text(w, "directory", f->directory);
    writer_put_text(w, "verdict", verdict_name(v->kind));
    writer_put_signed(w, "exit_code", verdict_exit_code(v->kind));
    writer_put_whole(w, "began_ms", f->began / 1000000);
    writer_put_whole(w, "operations", v->operations);
    writer_put_whole(w, "dropped", v->dropped);
    writer_put_whole(w, "in_flight", f->series->in_flight);
    writer_put_whole(w, "load_begin", v->load_begin);
    writer_put_whole(w, "load_end", v->load_end);
    writer_put_whole(w, "resident_most", v->resident_most);
    writer_put_bool(w, "log_missing", f->logs.missing);
}

void data_write(const facts *f, const char *page, buffer *out)
{
    const verdict *v = f->verdict;
    json_writer w = writer_begin(out);
    buffer run = {0};
    facts_run_json(f, RUN_JSON_SHOWN, &run);
    writer_object(&w);
    write_head(f, page, &w);
    writer_key(&w, "run");
    writer_raw(&w, buffer_text(&run));
    show_lines(&w, "reasons", v->reasons, v->reason_count);
    show_lines(&w, "notes", v->notes, v->note_count);
    write_invariants(f, &w);
    write_thresholds(v, &w);
    write_operations(v, &w);
    write_failures(v, &w);
    moments_write(f->moments, &w);
    writer_key(&w, "series");
    series_write(f->series, &w);
    writer_object_end(&w);
    buffer_free(&run);
}
