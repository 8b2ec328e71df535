/* failures/<invariant>/ in the run's directory: for each violated invariant what a person needs to
 * see it again: repro.sh, evidence.json, and the bytes expected and seen. */
#ifndef ORDEAL_REPORTS_FAILURES_H
#define ORDEAL_REPORTS_FAILURES_H

#include "base/error.h"
#include "reports/facts.h"

/* Replaces what an earlier verdict left there. */
bool failures_write(const facts *f, error *e);

#endif
