/* The few statistics that comparing runs needs. Inputs are never changed; all is deterministic. */
#ifndef ORDEAL_REPORTS_STATISTICS_H
#define ORDEAL_REPORTS_STATISTICS_H

#include <stddef.h>

double statistics_median(const double *values, size_t count);

typedef struct {
    double p; /* two-sided; exact up to 20 values in all without ties, else by the normal form */
    double effect; /* Cliff's delta: 1 when every b is above every a, -1 when below, 0: no order */
} rank_test;

/* Mann-Whitney's U on two samples, each of at least one value. */
rank_test statistics_rank_test(const double *a, size_t a_count, const double *b, size_t b_count);

#define CHANGE_POINTS_MOST 64

/* E-divisive: where the distribution of a series changes, found by energy distance and kept when a
 * permutation test (seeded) gives p <= 0.05. Writes the index of the first value after each change,
 * ascending; returns how many. `least` values stand between two changes. */
size_t statistics_change_points(const double *values, size_t count, size_t least,
                                size_t points[CHANGE_POINTS_MOST]);

#endif
