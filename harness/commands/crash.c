/* ordeal crash RUN: what power cuts would have left of a recorded run. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "explore/crash.h"
#include "run/interrupt.h"

enum { CUTS, MODELS, SEEDS, SEED, FIRST, FRESH, QUIET, HELP, FLAGS };

static bool take_number(const flag *f, uint64_t least, uint64_t *number, error *e)
{
    if (f->count == 0)
        return true;
    const char *text = f->given[f->count - 1];
    return (units_whole(text, number) && *number >= least) ||
           error_set(e, ERROR_USAGE, f->name, "'%s' is not a whole number of at least %llu", text,
                     (unsigned long long)least);
}

/* "none,posix" */
static bool take_models(const flag *f, bool models[REPLAY_MODELS], error *e)
{
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        models[m] = f->count == 0;
    const char *at = f->count > 0 ? f->given[f->count - 1] : "";
    while (*at != '\0') {
        char name[16];
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, at);
        replay_model m = replay_model_named(name);
        if (m == REPLAY_MODELS)
            return error_set(e, ERROR_USAGE, "--models",
                             "there is no model '%.*s'; there are none, journal, posix, all",
                             (int)length, at);
        models[m] = true;
        at += length + (at[length] == ',');
    }
    return true;
}

static int conclude(const crash_report *r, const char *run, bool quiet)
{
    if (!quiet)
        crash_report_print(r, run);
    if (r->interrupted)
        puts("\ninterrupted; the same command goes on from here");
    if (crash_bad(r) > 0) {
        puts("\nverdict: fail");
        return EXIT_VIOLATED;
    }
    if (r->interrupted)
        return EXIT_INTERRUPTED;
    if (r->judged_writes == 0) {
        puts("\nverdict: invalid, no write was acknowledged before any of the cuts");
        return EXIT_INVALID;
    }
    puts("\nverdict: pass");
    return EXIT_PASS;
}

static int explore(const char *directory, const crash_options *options, error *e)
{
    stored_run run;
    crash_report report;
    if (!stored_run_open(directory, &run, e))
        return command_failed(e);
    interrupt_listen();
    bool done = crash_explore(run.scenario, run.history, run.directory, options, &report, e);
    int code = done ? conclude(&report, run.directory, options->quiet) : command_failed(e);
    stored_run_close(&run);
    return code;
}

static int crash_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [CUTS] = {"cuts", "N", "a seeded sample of N operations to cut after (all)", {0}, 0, false},
        [MODELS] = {"models", "LIST", "of none,journal,posix,all (all four)", {0}, 0, false},
        [SEEDS] = {"seeds", "N", "disks of each cut under journal and posix (3)", {0}, 0, false},
        [SEED] = {"seed", "N", "of the sample and of the disks (1)", {0}, 0, false},
        [FIRST] = {"first", NULL, "stops at the first bad disk", {0}, 0, false},
        [FRESH] = {"fresh", NULL, "begins anew instead of going on", {0}, 0, false},
        [QUIET] = {"quiet", NULL, "prints the verdict alone", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    crash_options options = {.seeds = 3, .seed = 1};
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal crash RUN [flags]\n\nRebuilds the disks that a power cut could have "
             "left of a recorded run, at every point\nof its operation log, starts the target on "
             "each and judges what it serves against what\nhad been acknowledged by then. Record "
             "with `record: storage` or --record-storage.\n");
        flags_help(flags, FLAGS);
        return 0;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal crash",
                  "give one run directory, such as runs/20260101T000000Z-mixed");
        return command_failed(e);
    }
    options.stop_at_first = flags[FIRST].count > 0;
    options.fresh = flags[FRESH].count > 0;
    options.quiet = flags[QUIET].count > 0;
    if (!take_number(&flags[CUTS], 1, &options.cuts, e) ||
        !take_number(&flags[SEEDS], 1, &options.seeds, e) ||
        !take_number(&flags[SEED], 0, &options.seed, e) ||
        !take_models(&flags[MODELS], options.models, e))
        return command_failed(e);
    return explore(argv[1], &options, e);
}

const command command_crash = {
    "crash", "RUN", "explores what power cuts would have left of a recorded run", crash_command};
