/* What other programs read of a run: Prometheus' text, github-action-benchmark, Bencher. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exposition.h"
#include "base/json_writer.h"
#include "base/timing.h"
#include "history/operations.h"
#include "reports/report.h"

static const double quantiles[] = {50, 90, 99, 99.9};
#define QUANTILES (sizeof quantiles / sizeof quantiles[0])

static double seconds_of(uint64_t nanoseconds)
{
    return (double)nanoseconds / (double)NANOSECONDS_PER_SECOND;
}

static bool seen(const operation_figures *f)
{
    return f->ok + f->failed + f->unknown > 0;
}

/* --- metrics.prom --- */

static void put_run(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    exposition_describe(out, "run_info", "gauge", "The run and its verdict.");
    buffer_text_append(out, "ordeal_run_info{");
    exposition_label(out, "scenario", v->scenario->name);
    buffer_text_append(out, ",");
    exposition_label(out, "target", v->scenario->target.name);
    buffer_printf(out, ",seed=\"%" PRIu64 "\",verdict=\"%s\"} 1\n", v->scenario->seed,
                  verdict_name(v->kind));
    exposition_describe(out, "run_load_seconds", "gauge", "How long the load lasted.");
    buffer_printf(out, "ordeal_run_load_seconds %.3f\n", seconds_of(v->load_end - v->load_begin));
    exposition_describe(out, "run_target_resident_most_bytes", "gauge",
                        "The most memory that the target's processes held.");
    buffer_printf(out, "ordeal_run_target_resident_most_bytes %" PRIu64 "\n", v->resident_most);
    if (facts_recovery(f) == HISTORY_NEVER)
        return;
    exposition_describe(out, "run_recovery_seconds", "gauge",
                        "From the end of load and faults to steady state.");
    buffer_printf(out, "ordeal_run_recovery_seconds %.6f\n", seconds_of(facts_recovery(f)));
}

static void put_operations(const verdict *v, buffer *out)
{
    exposition_describe(out, "run_operations_total", "counter", "Operations by outcome.");
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        const uint64_t counts[] = {f->ok, f->failed, f->unknown};
        for (unsigned how = 0; how < 3 && seen(f); how++)
            buffer_printf(
                out, "ordeal_run_operations_total{operation=\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
                operation_row_of(type)->name, outcome_name(how), counts[how]);
    }
    exposition_describe(out, "run_latency_seconds", "gauge",
                        "Percentiles of latency, from the intended start.");
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const histogram *h = &v->figures[type].corrected;
        for (size_t q = 0; q < QUANTILES && h->count > 0; q++)
            buffer_printf(out,
                          "ordeal_run_latency_seconds{operation=\"%s\",quantile=\"%g\"} %.9g\n",
                          operation_row_of(type)->name, quantiles[q] / 100,
                          seconds_of(histogram_percentile(h, quantiles[q])));
    }
}

static void put_invariants(const verdict *v, buffer *out)
{
    exposition_describe(out, "run_invariant_holds", "gauge", "1 holds, 0 violated or not proven.");
    for (size_t i = 0; i < v->invariant_count; i++)
        buffer_printf(out, "ordeal_run_invariant_holds{invariant=\"%s\",answer=\"%s\"} %d\n",
                      v->invariants[i].judge->name,
                      verdict_answer_name(v->invariants[i].finding.answer),
                      v->invariants[i].finding.answer == ANSWER_HOLDS);
    if (v->scenario->threshold_count > 0)
        exposition_describe(out, "run_threshold_holds", "gauge", "1 holds, 0 missed.");
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        buffer_text_append(out, "ordeal_run_threshold_holds{");
        exposition_label(out, "bound", v->thresholds[i].threshold->text);
        buffer_printf(out, "} %d\n", v->thresholds[i].holds);
    }
}

static void write_metrics(const facts *f, buffer *out)
{
    put_run(f, out);
    put_operations(f->verdict, out);
    put_invariants(f->verdict, out);
}

const report report_metrics = {
    .name = "metrics",
    .file = "metrics.prom",
    .description = "figures as Prometheus text, for a node exporter's textfile collector",
    .write = write_metrics,
};

/* --- github-action-benchmark: one file for what should be small, one for what should be big --- */

static void put_row(json_writer *w, const char *prefix, const char *what, const char *unit,
                    double value)
{
    char name[256];
    snprintf(name, sizeof name, "%.120s: %s", prefix, what);
    writer_object(w);
    writer_put_text(w, "name", name);
    writer_put_text(w, "unit", unit);
    writer_put_real(w, "value", value);
    writer_object_end(w);
}

static void write_smaller(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char what[64];
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_array(&w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const histogram *h = &v->figures[type].corrected;
        for (size_t q = 0; q < QUANTILES && h->count > 0; q++) {
            snprintf(what, sizeof what, "p%g %s", quantiles[q], operation_row_of(type)->name);
            put_row(&w, v->scenario->name, what, "ms",
                    seconds_of(histogram_percentile(h, quantiles[q])) * 1000);
        }
    }
    put_row(&w, v->scenario->name, "target memory", "MiB",
            (double)v->resident_most / (1024.0 * 1024.0));
    if (facts_recovery(f) != HISTORY_NEVER)
        put_row(&w, v->scenario->name, "recovery", "ms", seconds_of(facts_recovery(f)) * 1000);
    writer_array_end(&w);
    buffer_text_append(out, "\n");
}

const report report_benchmark_smaller = {
    .name = "benchmark-smaller",
    .file = "benchmark-smaller.json",
    .description = "latency, memory, recovery for github-action-benchmark (customSmallerIsBetter)",
    .write = write_smaller,
};

static double rate_of(const verdict *v, const operation_figures *f)
{
    double seconds = seconds_of(v->load_end - v->load_begin);
    return seconds > 0 ? (double)f->ok / seconds : 0;
}

static void write_bigger(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char what[64];
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_array(&w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        if (!seen(&v->figures[type]))
            continue;
        snprintf(what, sizeof what, "%s", operation_row_of(type)->name);
        put_row(&w, v->scenario->name, what, "ok/s", rate_of(v, &v->figures[type]));
    }
    writer_array_end(&w);
    buffer_text_append(out, "\n");
}

const report report_benchmark_bigger = {
    .name = "benchmark-bigger",
    .file = "benchmark-bigger.json",
    .description = "throughput for github-action-benchmark (customBiggerIsBetter)",
    .write = write_bigger,
};

/* --- Bencher Metric Format --- */

static void put_measure(json_writer *w, const char *name, double value)
{
    writer_key(w, name);
    writer_object(w);
    writer_put_real(w, "value", value);
    writer_object_end(w);
}

static void write_bencher(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char name[256];
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_object(&w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *figures = &v->figures[type];
        if (figures->corrected.count == 0)
            continue;
        snprintf(name, sizeof name, "%.120s/%s", v->scenario->name, operation_row_of(type)->name);
        writer_key(&w, name);
        writer_object(&w);
        put_measure(&w, "latency", (double)histogram_percentile(&figures->corrected, 50));
        put_measure(&w, "latency-p99", (double)histogram_percentile(&figures->corrected, 99));
        put_measure(&w, "throughput", rate_of(v, figures));
        writer_object_end(&w);
    }
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}

const report report_bencher = {
    .name = "bencher",
    .file = "bencher.json",
    .description = "latency and throughput in Bencher's metric format",
    .write = write_bencher,
};
