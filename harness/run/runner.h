/* Carries out a plan: target, clients, faults, samples, quiet period, final reads; leaves a run
 * directory.
 *
 * The runner owns everything that it starts and has ended all of it when run_execute returns, also
 * after an interrupt or an error. The history is the truth; nothing is judged here. */
#ifndef ORDEAL_RUN_RUNNER_H
#define ORDEAL_RUN_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "live/live.h"
#include "plan/plan.h"

typedef struct {
    const char *runs_folder; /* where run directories are made */
    live_options live;
    bool keep_data;
    /* Called when the target is ready, before the load; may be NULL. `began` is the wall clock at
     * the history's zero. False ends the run with its error. */
    bool (*begun)(void *owner, const char *directory, uint64_t began, error *e);
    void *owner;
} run_options;

typedef struct {
    char directory[512]; /* of this run */
    bool interrupted;
} run_result;

/* False: the target could not be started, or the harness itself failed; then *e says why. A run
 * that went badly in any other way is true, and its history tells. */
bool run_execute(const plan *p, const run_options *options, run_result *result, error *e);

#endif
