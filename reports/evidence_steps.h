/* A finding's steps as a person reads them, each once and in order of time, with the faults that
 * were on meanwhile. Shared by all reports. */
#ifndef ORDEAL_REPORTS_EVIDENCE_STEPS_H
#define ORDEAL_REPORTS_EVIDENCE_STEPS_H

#include "base/buffer.h"
#include "reports/facts.h"

#define EVIDENCE_FAULTS_MOST 3 /* the last ones before the violation was seen */
#define EVIDENCE_SHOWN_MOST  (EVIDENCE_MOST + EVIDENCE_FAULTS_MOST)

size_t evidence_gather(const facts *f, const judge_finding *finding,
                       evidence_step steps[EVIDENCE_SHOWN_MOST]);
/* A line a step behind `indent`, at most so many. */
void evidence_tell(const facts *f, const judge_finding *finding, const char *indent, size_t most,
                   buffer *out);

#endif
