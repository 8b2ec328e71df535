/* bencher.json: latency and throughput in the Bencher Metric Format. */
#include <stdio.h>

#include "base/json_writer.h"
#include "history/operations.h"
#include "reports/report.h"
#include "reports/show.h"

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
        put_measure(&w, "throughput", show_rate(v, figures));
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
