/* What operations came to, by type: counts and latencies; and what a threshold makes of them.
 *
 * A table has OPERATION_COUNT entries, 2 MB in all, whatever the number of operations. The verdict
 * fills one from the whole history, the run fills one as it goes on when a threshold may end it. */
#ifndef ORDEAL_PLAN_OPERATION_FIGURES_H
#define ORDEAL_PLAN_OPERATION_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/histogram.h"
#include "history/record.h"
#include "plan/threshold.h"

typedef struct {
    uint64_t ok;
    uint64_t failed;
    uint64_t unknown;
    histogram latency;   /* of those that were ok, from invoke */
    histogram corrected; /* likewise, from the intended start */
} operation_figures;

operation_figures *operation_figures_create(void); /* released by free() */
void operation_figures_add(operation_figures *table, const history_record *r);
/* Operations that the threshold speaks of. */
uint64_t operation_figures_counted(const operation_figures *table, const threshold *t);
/* False when there is nothing to measure: a latency of nothing is no latency, but rates and counts
 * of nothing are zero. */
bool operation_figures_value(const operation_figures *table, const threshold *t, double seconds,
                             double *value);

#endif
