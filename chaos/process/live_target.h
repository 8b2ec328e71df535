/* What every process fault asks first: is the target ours, and what is its process now? */
#ifndef ORDEAL_CHAOS_PROCESS_LIVE_TARGET_H
#define ORDEAL_CHAOS_PROCESS_LIVE_TARGET_H

#include "chaos/fault.h"

/* ERROR_UNABLE when ordeal did not start the target, ERROR_TARGET while it is down. */
bool live_target(const fault_site *site, const char *place, pid_t *pid, error *e);

#endif
