/* The larger fields of a scenario, one reader each, and the tables of what stands in them; used by
 * scenario.c and schema.c alone. Each reader takes a scenario as target. */
#ifndef ORDEAL_PLAN_SCENARIO_PARTS_H
#define ORDEAL_PLAN_SCENARIO_PARTS_H

#include "plan/fields.h"
#include "plan/scenario.h"

bool read_clock(loader *l, const node *n, void *target);
bool read_data(loader *l, const node *n, void *target);
bool read_clients(loader *l, const node *n, void *target);
bool read_faults(loader *l, const node *n, void *target);
bool read_invariants(loader *l, const node *n, void *target);
bool read_thresholds(loader *l, const node *n, void *target);

/* Fits a group's stages into a load of this length, which is known when all is read. */
bool place_stages(loader *l, const node *root, client_group *g, uint64_t duration);

extern const field_table scenario_table;
extern const field_table target_table;
extern const field_table clock_table;
extern const field_table data_table;
extern const field_table group_table;
extern const field_table stage_table;
extern const field_table fault_table;
extern const field_table threshold_table;
extern const char *const name_forms[];

#endif
