/* summary.json: counts, percentiles, thresholds, verdicts, for programs. */
#include "base/json_writer.h"
#include "base/timing.h"
#include "reports/evidence_steps.h"
#include "reports/report.h"
#include "reports/show.h"

#define SUMMARY_SCHEMA 1
#define BLOCKS         ((size_t)20)

static void write_latency(json_writer *w, const char *name, const histogram *h)
{
    static const struct {
        const char *name;
        double percent;
    } points[] = {
        {"p50_ns", 50}, {"p90_ns", 90}, {"p95_ns", 95}, {"p99_ns", 99}, {"p99_9_ns", 99.9}};
    writer_key(w, name);
    writer_object(w);
    writer_put_whole(w, "count", h->count);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        writer_put_whole(w, points[i].name, histogram_percentile(h, points[i].percent));
    writer_put_whole(w, "max_ns", h->most);
    writer_put_real(w, "mean_ns", histogram_mean(h));
    writer_object_end(w);
}

static void write_operations(const verdict *v, json_writer *w)
{
    writer_key(w, "operations");
    writer_object(w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        if (f->ok + f->failed + f->unknown == 0)
            continue;
        writer_key(w, operation_row_of(type)->name);
        writer_object(w);
        writer_put_whole(w, "ok", f->ok);
        writer_put_whole(w, "failed", f->failed);
        writer_put_whole(w, "unknown", f->unknown);
        write_latency(w, "latency", &f->latency);
        write_latency(w, "corrected", &f->corrected);
        writer_object_end(w);
    }
    writer_object_end(w);
}

static void write_failures(const verdict *v, json_writer *w)
{
    writer_key(w, "failures");
    writer_array(w);
    for (size_t i = 0; i < v->failure_count; i++) {
        const failure_row *f = &v->failures[i];
        writer_object(w);
        writer_put_text(w, "operation", operation_row_of(f->type)->name);
        writer_put_text(w, "failure", failure_name(f->failure));
        writer_put_whole(w, "status", f->status);
        writer_put_whole(w, "count", f->count);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_invariants(const facts *all, json_writer *w)
{
    const verdict *v = all->verdict;
    writer_key(w, "invariants");
    writer_array(w);
    for (size_t i = 0; i < v->invariant_count; i++) {
        const judge_finding *f = &v->invariants[i].finding;
        writer_object(w);
        writer_put_text(w, "name", v->invariants[i].judge->name);
        writer_put_text(w, "answer", verdict_answer_name(f->answer));
        writer_put_text(w, "sentence", f->sentence);
        writer_put_whole(w, "examined", f->examined);
        writer_put_whole(w, "violations", f->violations);
        if (f->violations > 0) {
            writer_put_whole(w, "first_at_ns", f->first_at);
            writer_put_real(w, "detection_s", facts_detection(all, f));
        }
        writer_key(w, "evidence");
        writer_array(w);
        evidence_step steps[EVIDENCE_SHOWN_MOST];
        size_t count = evidence_gather(all, f, steps);
        for (size_t n = 0; n < count; n++)
            writer_text(w, steps[n].line);
        writer_array_end(w);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_thresholds(const verdict *v, json_writer *w)
{
    writer_key(w, "thresholds");
    writer_array(w);
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        const verdict_threshold *t = &v->thresholds[i];
        writer_object(w);
        writer_put_text(w, "bound", t->threshold->text);
        writer_put_bool(w, "holds", t->holds);
        writer_key(w, "value");
        t->measured ? writer_real(w, t->value) : writer_null(w);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static void write_own_memory(const verdict *v, json_writer *w)
{
    writer_key(w, "own_resident_bytes");
    writer_object(w);
    writer_put_whole(w, "before", v->own_before);
    writer_put_whole(w, "most", v->own_most);
    writer_put_whole(w, "last", v->own_last);
    writer_put_whole(w, "bound", v->own_bound);
    writer_object_end(w);
}

/* The load cut into equal blocks: samples for `ordeal compare` of runs that were made once. */
static void write_blocks(const facts *f, json_writer *w)
{
    static const char *const names[] = {"throughput", "p50_ns", "p99_ns"};
    const series *s = f->series;
    size_t first = (size_t)(f->verdict->load_begin / s->width) + 1;
    size_t last = (size_t)(f->verdict->load_end / s->width);
    size_t bins = last > first && last <= s->count ? (last - first) / BLOCKS : 0;
    writer_key(w, "blocks");
    writer_object(w);
    writer_put_real(w, "seconds", (double)(bins * s->width) / (double)NANOSECONDS_PER_SECOND);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        writer_key(w, names[n]);
        writer_array(w);
        for (size_t b = 0; b < BLOCKS && bins > 0; b++) {
            size_t at = first + b * bins;
            if (n == 0)
                writer_real(w, series_rate(s, at, bins));
            else
                writer_whole(w, series_percentile(s, at, bins, n == 1 ? 50 : 99));
        }
        writer_array_end(w);
    }
    writer_object_end(w);
}

static void write_summary(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", SUMMARY_SCHEMA);
    writer_put_text(&w, "scenario", v->scenario->name);
    writer_put_whole(&w, "seed", v->scenario->seed);
    writer_put_text(&w, "verdict", verdict_name(v->kind));
    writer_put_signed(&w, "exit_code", verdict_exit_code(v->kind));
    writer_put_whole(&w, "operations_total", v->operations);
    writer_put_whole(&w, "dropped_arrivals", v->dropped);
    writer_put_whole(&w, "load_begin_ns", v->load_begin);
    writer_put_text(&w, "aborted_by",
                    v->aborted_by > 0 ? v->scenario->thresholds[v->aborted_by - 1].text : NULL);
    writer_put_real(&w, "load_seconds",
                    (double)(v->load_end - v->load_begin) / (double)NANOSECONDS_PER_SECOND);
    writer_put_whole(&w, "target_resident_most_bytes", v->resident_most);
    write_own_memory(v, &w);
    writer_put_whole(&w, "in_flight", f->series->in_flight);
    writer_key(&w, "recovery_ns");
    facts_recovery(f) == HISTORY_NEVER ? writer_null(&w) : writer_whole(&w, facts_recovery(f));
    write_blocks(f, &w);
    write_operations(v, &w);
    write_failures(v, &w);
    write_invariants(f, &w);
    write_thresholds(v, &w);
    show_lines(&w, "reasons", v->reasons, v->reason_count);
    show_lines(&w, "notes", v->notes, v->note_count);
    writer_object_end(&w);
    buffer_append(out, "\n", 1);
}

const report report_summary = {
    .name = "summary",
    .file = "summary.json",
    .description = "counts, percentiles, thresholds and verdicts for programs",
    .write = write_summary,
};
