/* benchmark-smaller.json and benchmark-bigger.json: rows of name, unit and value for
 * github-action-benchmark, which takes what should be small apart from what should be big. */
#include <stdio.h>

#include "base/json_writer.h"
#include "history/operations.h"
#include "reports/report.h"
#include "reports/show.h"

static const double quantiles[] = {50, 90, 99, 99.9};
#define QUANTILES (sizeof quantiles / sizeof quantiles[0])

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
                    show_seconds(histogram_percentile(h, quantiles[q])) * 1000);
        }
    }
    put_row(&w, v->scenario->name, "target memory", "MiB",
            (double)v->resident_most / (1024.0 * 1024.0));
    if (facts_recovery(f) != HISTORY_NEVER)
        put_row(&w, v->scenario->name, "recovery", "ms", show_seconds(facts_recovery(f)) * 1000);
    writer_array_end(&w);
    buffer_text_append(out, "\n");
}

const report report_benchmark_smaller = {
    .name = "benchmark-smaller",
    .file = "benchmark-smaller.json",
    .description = "latency, memory, recovery for github-action-benchmark (customSmallerIsBetter)",
    .write = write_smaller,
};

static void write_bigger(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char what[64];
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_array(&w);
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        if (v->figures[type].ok + v->figures[type].failed + v->figures[type].unknown == 0)
            continue;
        snprintf(what, sizeof what, "%s", operation_row_of(type)->name);
        put_row(&w, v->scenario->name, what, "ok/s", show_rate(v, &v->figures[type]));
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
