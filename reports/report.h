/* What a report is: one way to write down a verdict = one file that ends in one `const report`, one
 * row in reports.c.
 *
 * A report is given what was gathered of the run and writes one file into the run's directory. It
 * judges nothing. */
#ifndef ORDEAL_REPORTS_REPORT_H
#define ORDEAL_REPORTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "reports/facts.h"

typedef struct {
    const char *name;
    const char *file; /* in the run's directory */
    const char *description;
    bool (*wanted)(const facts *f); /* NULL: always. Else an old file is removed */
    void (*write)(const facts *f, buffer *out);
} report;

extern const report *const reports[];
extern const size_t report_count;

/* Writes all of them, each by temporary file and rename, and failures/. */
bool reports_write(const facts *f, error *e);
/* What a person reads at the end, at most a screen. */
void reports_terminal(const facts *f, bool colours, buffer *out);
/* Of that, what became of the invariants: the evidence of those that were violated. */
void reports_invariants(const facts *f, bool colours, buffer *out);

#endif
