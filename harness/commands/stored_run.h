/* A run directory as the commands use it: run.json with the resolved scenario, history.bin, the
 * reports. */
#ifndef ORDEAL_COMMANDS_STORED_RUN_H
#define ORDEAL_COMMANDS_STORED_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "history/reader.h"
#include "live/live.h"
#include "plan/plan.h"
#include "verdict/verdict.h"

typedef struct {
    char directory[512];
    scenario *scenario;
    history *history;
} stored_run;

/* Runs the plan, writing run.json at its start, so that a run killed at any moment can still be
 * judged; judges it from what is on the disk, as `ordeal check` would. `directory` is set to the
 * run's. Returns the exit code, or -1 with *e. */
int stored_run_make(const plan *p, const char *runs_folder, const live_options *view,
                    bool keep_data, int argc, char **argv, char directory[512], error *e);

/* Opens scenario and history of a run directory. */
bool stored_run_open(const char *directory, stored_run *out, error *e);
void stored_run_close(stored_run *run);
/* What run.json says besides the scenario. */
typedef struct {
    int argc;
    char **argv;
    uint64_t began; /* wall clock at the history's zero */
} run_origin;

/* Judges, and prints what became of the invariants; writes nothing. */
void stored_run_tell(const stored_run *run);
/* Judges, writes all reports, prints the terminal report; `origin` NULL: run.json stays as it is.
 * Returns the verdict's exit code, or -1 with *e. */
int stored_run_judge(const stored_run *run, bool quiet, const run_origin *origin, error *e);

#endif
