/* What has to stand before the load: folders, history, the target with its clock, memory and disk,
 * the proxy before it, and what all clients share. In this order. */
#ifndef ORDEAL_RUN_PREPARE_H
#define ORDEAL_RUN_PREPARE_H

#include "run/running.h"

bool prepare_folders(running *r, error *e);
bool prepare_history(running *r, error *e);
bool prepare_memory_group(running *r, error *e);
bool prepare_target(running *r, error *e);
bool prepare_proxy(running *r, error *e);
void prepare_stage(running *r);

#endif
