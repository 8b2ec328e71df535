/* The figures of many runs over time, with the points at which they changed (E-divisive). */
#ifndef ORDEAL_REPORTS_TREND_H
#define ORDEAL_REPORTS_TREND_H

#include "reports/run_figures.h"

#define TREND_BETWEEN 4 /* runs between two changes, at least */

/* What changed and when, for people; runs are in the order of time. */
void trend_print(const run_list *l, buffer *out);
/* One HTML file. */
void trend_page(const run_list *l, buffer *out);

#endif
