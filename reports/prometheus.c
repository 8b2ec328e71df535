/* metrics.prom: figures as Prometheus text. */
#include <inttypes.h>

#include "base/exposition.h"
#include "history/operations.h"
#include "reports/report.h"
#include "reports/show.h"

static const double quantiles[] = {50, 90, 99, 99.9};
#define QUANTILES (sizeof quantiles / sizeof quantiles[0])

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
    buffer_printf(out, "ordeal_run_load_seconds %.3f\n", show_seconds(v->load_end - v->load_begin));
    exposition_describe(out, "run_target_resident_most_bytes", "gauge",
                        "The most memory that the target's processes held.");
    buffer_printf(out, "ordeal_run_target_resident_most_bytes %" PRIu64 "\n", v->resident_most);
    if (facts_recovery(f) == HISTORY_NEVER)
        return;
    exposition_describe(out, "run_recovery_seconds", "gauge",
                        "From the end of load and faults to steady state.");
    buffer_printf(out, "ordeal_run_recovery_seconds %.6f\n", show_seconds(facts_recovery(f)));
}

static void put_operations(const verdict *v, buffer *out)
{
    exposition_describe(out, "run_operations_total", "counter", "Operations by outcome.");
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        const uint64_t counts[] = {f->ok, f->failed, f->unknown};
        for (unsigned how = 0; how < 3 && f->ok + f->failed + f->unknown > 0; how++)
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
                          show_seconds(histogram_percentile(h, quantiles[q])));
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
