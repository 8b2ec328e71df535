/* report.html: one file without network: the verdict first, then invariants with their evidence,
 * charts over time, operations, the plan. */
#include <stdio.h>

#include "reports/data.h"
#include "reports/page.h"
#include "reports/report.h"

static void write_html(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char title[256];
    buffer data = {0};
    buffer text = {0};
    snprintf(title, sizeof title, "%s: %.180s, ordeal", verdict_name(v->kind), v->scenario->name);
    reports_terminal(f, false, &text);
    data_write(f, "report", &data);
    page_write(PAGE_REPORT, title, buffer_text(&text), buffer_text(&data), out);
    buffer_free(&data);
    buffer_free(&text);
}

const report report_html = {
    .name = "html",
    .file = "report.html",
    .description = "the verdict with evidence and charts, one file without network",
    .write = write_html,
};
