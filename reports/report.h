/* What a report is: one way to write down a verdict = one file that ends in one `const report`, one
 * row in reports.c.
 *
 * A report is given the whole verdict and writes one file into the run's directory. It judges
 * nothing. */
#ifndef ORDEAL_REPORTS_REPORT_H
#define ORDEAL_REPORTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "verdict/verdict.h"

typedef struct {
    const char *name;
    const char *file; /* in the run's directory */
    const char *description;
    void (*write)(const verdict *v, const char *directory, buffer *out);
} report;

extern const report *const reports[];
extern const size_t report_count;

/* Writes all of them, each by temporary file and rename. */
bool reports_write(const verdict *v, const char *directory, error *e);
/* What a person reads at the end, at most a screen. */
void reports_terminal(const verdict *v, const char *directory, bool colours, buffer *out);

#endif
