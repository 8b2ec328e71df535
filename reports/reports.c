#include "reports/report.h"

#include <errno.h>
#include <unistd.h>

#include "base/files.h"
#include "reports/failures.h"

/* One row a report. */
extern const report report_summary;
extern const report report_junit;
extern const report report_html;
extern const report report_health;
extern const report report_postmortem;
extern const report report_metrics;
extern const report report_benchmark_smaller;
extern const report report_benchmark_bigger;
extern const report report_bencher;

const report *const reports[] = {
    &report_summary,
    &report_junit,
    &report_html,
    &report_health,
    &report_postmortem,
    &report_metrics,
    &report_benchmark_smaller,
    &report_benchmark_bigger,
    &report_bencher,
};
const size_t report_count = sizeof reports / sizeof reports[0];

/* An earlier verdict may have wanted it. */
static bool remove_old(const char *path, error *e)
{
    return unlink(path) == 0 || errno == ENOENT || error_errno(e, path, "cannot be removed");
}

static bool write_one(const report *r, const facts *f, error *e)
{
    char path[600];
    buffer text = {0};
    if (!files_join(path, sizeof path, f->directory, r->file, e))
        return false;
    if (r->wanted != NULL && !r->wanted(f))
        return remove_old(path, e);
    r->write(f, &text);
    bool fine = files_replace(path, buffer_text(&text), text.length, e);
    buffer_free(&text);
    return fine;
}

bool reports_write(const facts *f, error *e)
{
    for (size_t i = 0; i < report_count; i++)
        if (!write_one(reports[i], f, e))
            return false;
    return failures_write(f, e);
}
