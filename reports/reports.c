#include "reports/report.h"

#include "base/files.h"

/* One row a report. */
extern const report report_summary;
extern const report report_junit;
extern const report report_html;

const report *const reports[] = {
    &report_summary,
    &report_junit,
    &report_html,
};
const size_t report_count = sizeof reports / sizeof reports[0];

bool reports_write(const verdict *v, const char *directory, error *e)
{
    for (size_t i = 0; i < report_count; i++) {
        char path[600];
        buffer text = {0};
        reports[i]->write(v, directory, &text);
        bool fine = files_join(path, sizeof path, directory, reports[i]->file, e) &&
                    files_replace(path, buffer_text(&text), text.length, e);
        buffer_free(&text);
        if (!fine)
            return false;
    }
    return true;
}
