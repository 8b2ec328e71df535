/* health.html: how the target fared, whatever the verdict: success, latency, memory, file sizes. */
#include <stdio.h>

#include "reports/data.h"
#include "reports/page.h"
#include "reports/report.h"

static void write_health(const facts *f, buffer *out)
{
    char title[256];
    buffer data = {0};
    buffer text = {0};
    snprintf(title, sizeof title, "storage health: %.180s, ordeal", f->verdict->scenario->name);
    reports_terminal(f, false, &text);
    data_write(f, "health", &data);
    page_write(PAGE_REPORT, title, buffer_text(&text), buffer_text(&data), out);
    buffer_free(&data);
    buffer_free(&text);
}

const report report_health = {
    .name = "health",
    .file = "health.html",
    .description = "storage health: success, latency, memory, disk, file sizes over time",
    .write = write_health,
};
