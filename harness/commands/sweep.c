/* ordeal sweep SCENARIO: every storage operation of a request story fails once. */
#include <stdio.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "explore/sweep.h"
#include "run/interrupt.h"
#include "verdict/verdict.h"

enum { SET, TARGET, SEED, ERRORS, SECOND, NO_SECOND, FOLDER, FIRST, FRESH, QUIET, HELP, FLAGS };

static int conclude(const sweep_report *r, const scenario *s, bool quiet)
{
    if (!quiet)
        sweep_report_print(r, s);
    if (r->interrupted)
        puts("\ninterrupted; the same command goes on from here");
    if (r->bad > 0) {
        puts("\nverdict: fail");
        return EXIT_VIOLATED;
    }
    if (r->interrupted)
        return EXIT_INTERRUPTED;
    /* One telling of each kind only sees that nothing is left to strike. */
    if (r->tellings <= r->map.kind_count) {
        puts("\nverdict: invalid, the story does nothing to the disk");
        return EXIT_INVALID;
    }
    puts("\nverdict: pass");
    return EXIT_PASS;
}

static int explore(const scenario *s, const sweep_options *options, error *e)
{
    static sweep_report report;
    interrupt_listen();
    if (!sweep_explore(s, options, &report, e)) {
        if (e->kind == ERROR_UNABLE)
            e->kind = ERROR_USAGE;
        return command_failed(e);
    }
    return conclude(&report, s, options->quiet);
}

static const char *last(const flag *f, const char *fallback)
{
    return f->count > 0 ? f->given[f->count - 1] : fallback;
}

static int sweep_scenario(const char *file, const flag *flags, error *e)
{
    sweep_options options = {.second = flags[NO_SECOND].count == 0,
                             .stop_at_first = flags[FIRST].count > 0,
                             .fresh = flags[FRESH].count > 0,
                             .quiet = flags[QUIET].count > 0,
                             .folder = last(&flags[FOLDER], "runs")};
    scenario_request request = {.file = file,
                                .target = last(&flags[TARGET], NULL),
                                .sets = flags[SET].given,
                                .set_count = flags[SET].count,
                                .has_seed = flags[SEED].count > 0};
    if (!sweep_errors_parse(last(&flags[ERRORS], "EIO,ENOSPC"), &options.errors, e) ||
        !sweep_errors_parse(last(&flags[SECOND], ""), &options.second_errors, e))
        return command_failed(e);
    if (request.has_seed && !units_whole(last(&flags[SEED], ""), &request.seed)) {
        error_set(e, ERROR_USAGE, "--seed", "'%s' is not a whole number", last(&flags[SEED], ""));
        return command_failed(e);
    }
    scenario *s = scenario_load(&request, e);
    if (s == NULL)
        return command_failed(e);
    int code = explore(s, &options, e);
    scenario_free(s);
    return code;
}

static int sweep_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [SET] = {"set", "K=V", "sets a value of the scenario", {0}, 0, false},
        [TARGET] =
            {"target", "T", "replaces the scenario's target: a name or a file", {0}, 0, false},
        [SEED] = {"seed", "N", "replaces the scenario's seed", {0}, 0, false},
        [ERRORS] = {"errors", "LIST", "errors to inject (EIO,ENOSPC)", {0}, 0, false},
        [SECOND] = {"second",
                    "LIST",
                    "errors to inject in the recovery (those of --errors)",
                    {0},
                    0,
                    false},
        [NO_SECOND] = {"no-second", NULL, "no second fault in the recovery", {0}, 0, false},
        [FOLDER] = {"runs", "DIR", "where NAME.sweep.json is kept (runs)", {0}, 0, false},
        [FIRST] = {"first", NULL, "stops at the first violation", {0}, 0, false},
        [FRESH] = {"fresh", NULL, "begins anew instead of going on", {0}, 0, false},
        [QUIET] = {"quiet", NULL, "prints the verdict alone", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal sweep SCENARIO [flags]\n\nEvery client of the scenario takes one quiet "
             "turn and then one under a fault: its 1st,\n2nd, 3rd ... storage operation fails "
             "once, or everything from there on does, or the target\nis killed right before or "
             "after it, with a second fault in the recovery; until no operation\nis left. Stories "
             "for it: scenarios/stories/.\n");
        flags_help(flags, FLAGS);
        return 0;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal sweep",
                  "give one scenario, such as scenarios/stories/put.yaml");
        return command_failed(e);
    }
    return sweep_scenario(argv[1], flags, e);
}

const command command_sweep = {"sweep", "SCENARIO",
                               "fails every storage operation of a request story, one by one",
                               sweep_command};
