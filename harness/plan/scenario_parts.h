/* The larger fields of a scenario, one reader each; used by scenario.c alone. Each takes a scenario
 * as target. */
#ifndef ORDEAL_PLAN_SCENARIO_PARTS_H
#define ORDEAL_PLAN_SCENARIO_PARTS_H

#include "plan/fields.h"

bool read_clock(loader *l, const node *n, void *target);
bool read_data(loader *l, const node *n, void *target);
bool read_clients(loader *l, const node *n, void *target);
bool read_faults(loader *l, const node *n, void *target);
bool read_invariants(loader *l, const node *n, void *target);
bool read_thresholds(loader *l, const node *n, void *target);

#endif
