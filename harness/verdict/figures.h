/* Counts and latencies of a history, in one pass; and what thresholds make of them. Used by
 * verdict.c. */
#ifndef ORDEAL_VERDICT_FIGURES_H
#define ORDEAL_VERDICT_FIGURES_H

#include "verdict/verdict.h"

void figures_take(verdict *v);
void figures_check_thresholds(verdict *v);

#endif
