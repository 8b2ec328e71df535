/* What the reports are made of, gathered once: the verdict, the history in bins, faults and events,
 * and what the server logged about the evidence. */
#ifndef ORDEAL_REPORTS_FACTS_H
#define ORDEAL_REPORTS_FACTS_H

#include "reports/impact.h"
#include "reports/log_lines.h"
#include "reports/moments.h"
#include "reports/series.h"
#include "verdict/verdict.h"

typedef struct {
    const verdict *verdict;
    const char *directory;
    series *series;
    moments *moments;
    impact impact;
    log_lines logs;
    uint64_t began; /* wall clock at the history's zero, nanoseconds; 0: not known */
} facts;

facts *facts_gather(const verdict *v, const char *directory);
void facts_free(facts *f);

/* run.json as text; "null" when there is none or it is larger than `most`. */
void facts_run_json(const facts *f, size_t most, buffer *out);
/* Seconds from the beginning of the last fault before the first violation (else of the load) to it;
 * negative: not violated. */
double facts_detection(const facts *f, const judge_finding *finding);
/* How long after the load the target was steady again, nanoseconds; HISTORY_NEVER: it was not, or
 * nobody looked. */
uint64_t facts_recovery(const facts *f);
/* "2026-02-15 14:03:09" for a time of the history, or just the time since its beginning. Returns
 * `text`. */
char *facts_time(const facts *f, uint64_t at, char text[64]);

#endif
