/* ordeal replay RUN: runs the plan of a recorded run again. */
#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "commands/stored_run.h"
#include "plan/plan.h"

static int replay_command(int argc, char **argv, error *e)
{
    stored_run old;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        puts("usage: ordeal replay RUN\n\nRuns the same plan, seed and faults again, from the "
             "run's directory alone.");
        return 0;
    }
    if (argc != 2) {
        error_set(e, ERROR_USAGE, "ordeal replay", "give one run directory");
        return command_failed(e);
    }
    if (!stored_run_open(argv[1], &old, e))
        return command_failed(e);
    plan *p = plan_make(old.scenario);
    int code = stored_run_make(p, "runs", &(live_options){.quiet = false}, false, argc, argv, e);
    plan_free(p);
    stored_run_close(&old);
    return code >= 0 ? code : command_failed(e);
}

const command command_replay = {"replay", "RUN", "runs the plan of a recorded run again",
                                replay_command};
