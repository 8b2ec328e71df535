/* Two groups of runs against each other: base line and candidate.
 *
 * With RUNS_TESTED or more runs on each side every figure is tested by Mann-Whitney's U. With fewer
 * the blocks of the runs' load stand in for runs, for throughput and latency; blocks of one run
 * share that run's luck, so only a larger change counts. Everything else is then shown untested.
 * "Worse" means: p <= 0.05, a large effect (|Cliff's delta| >= 0.474), and a change beyond the
 * tolerance. */
#ifndef ORDEAL_REPORTS_COMPARISON_H
#define ORDEAL_REPORTS_COMPARISON_H

#include "reports/run_figures.h"
#include "reports/statistics.h"

#define RUNS_TESTED 4
#define ROWS_MOST   (FIGURES_MOST + BLOCK_KINDS)

typedef enum { CHANGE_UNTESTED, CHANGE_NONE, CHANGE_BETTER, CHANGE_WORSE } change_kind;

typedef struct {
    char name[48];
    char unit[8];
    double base; /* medians */
    double candidate;
    bool bigger_is_better;
    bool by_blocks;
    rank_test test; /* of no use when untested */
    change_kind kind;
} comparison_row;

typedef struct {
    comparison_row rows[ROWS_MOST];
    size_t count;
    size_t base_runs;
    size_t candidate_runs;
    bool verdict_worse; /* an invariant is violated that was not in the base line */
    size_t worse;
} run_comparison;

typedef struct {
    double tolerance; /* share of the base line's median */
    bool any_host;
} comparison_options;

/* False: they are not comparable, and *e says all of why. */
bool comparison_make(const run_list *base, const run_list *candidate,
                     const comparison_options *options, run_comparison *out, error *e);
bool comparison_regressed(const run_comparison *c);
void comparison_print(const run_comparison *c, buffer *out);
void comparison_write(const run_comparison *c, buffer *out);
/* "1.5 ms", "120/s", "3.2 %". Returns `text`. */
char *comparison_show(double value, const char *unit, char text[32]);

#endif
