/* A run inside GitHub Actions: the verdict as a step summary, and annotations beside the job's log.
 * Elsewhere (no GITHUB_STEP_SUMMARY, no GITHUB_ACTIONS) these do nothing. */
#ifndef ORDEAL_REPORTS_GITHUB_H
#define ORDEAL_REPORTS_GITHUB_H

#include <stdbool.h>

#include "base/error.h"
#include "reports/facts.h"

/* Appends to the file that GITHUB_STEP_SUMMARY names. */
bool github_summary(const facts *f, error *e);
/* One workflow command a violation, missed threshold or reason; "" outside of Actions. */
void github_annotations(const facts *f, buffer *out);

#endif
