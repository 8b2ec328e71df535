/* How bad a failed run is: from the invariants that are violated, by one table. */
#ifndef ORDEAL_REPORTS_SEVERITY_H
#define ORDEAL_REPORTS_SEVERITY_H

#include "reports/facts.h"

/* What a violation of one invariant means for those who use the server. */
typedef struct {
    const char *invariant;
    int level;           /* 1: data loss, corruption or outage .. 4: cosmetic */
    const char *meaning; /* "acknowledged data is lost" */
    const char *symptom; /* as a status page says it */
} severity_row;

/* A row that says "a major function fails" for an invariant without one of its own. */
const severity_row *severity_of(const char *invariant);
/* The gravest row of what is violated; 4 when nothing is. */
int severity_level(const verdict *v);
/* The first violated invariant of that level; NULL: none. */
const verdict_invariant *severity_gravest(const verdict *v);

#endif
