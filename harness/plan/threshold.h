/* Bounds on figures of a run: "p95(get) < 1s", "error_rate < 5%", "rate(put) > 100", with or
 * without abort.
 *
 * figure := pNN[.N](operation) | corrected_pNN(operation) | max(operation) | mean(operation)
 *         | error_rate[(operation)] | rate[(operation)] | count(operation) */
#ifndef ORDEAL_PLAN_THRESHOLD_H
#define ORDEAL_PLAN_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "history/operations.h"

typedef enum {
    FIGURE_PERCENTILE,
    FIGURE_CORRECTED,
    FIGURE_MEAN,
    FIGURE_MOST,
    FIGURE_ERRORS,
    FIGURE_RATE,
    FIGURE_COUNT
} figure;
typedef enum { COMPARE_BELOW, COMPARE_AT_MOST, COMPARE_ABOVE, COMPARE_AT_LEAST } comparison;

typedef struct {
    const char *text; /* as written */
    figure figure;
    double percentile;        /* 0..100 */
    operation_type operation; /* OPERATION_NONE: all */
    comparison comparison;
    double bound;   /* nanoseconds, a share, or a number a second, by figure */
    bool abort;     /* end the run as soon as it is broken */
    uint64_t after; /* but not before the load is this old */
} threshold;

/* `text` must live as long as the result; `abort` and `after` stay as they were. ERROR_USAGE,
 * without place, says what would be right. */
bool threshold_parse(const char *text, threshold *out, error *e);
/* `value` in the threshold's own unit: "1.2 s", "4.50 %". Returns `text`. */
char *threshold_show(const threshold *t, double value, char text[32]);
bool threshold_holds(const threshold *t, double value);

#endif
