/* ordeal replay RUN: runs the plan of a recorded run again, once or several times. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "plan/plan.h"
#include "run/interrupt.h"

#define TIMES_MOST 1000

enum { TIMES, RUNS, QUIET, HELP, FLAGS };

typedef struct {
    uint64_t times;
    const char *runs;
    bool quiet;
} replay_options;

/* How often the plan ended in each verdict. */
typedef struct {
    uint64_t failed;
    uint64_t passed;
    uint64_t other;
} replay_score;

static bool replay_once(const plan *p, const replay_options *options, int argc, char **argv,
                        int *code, error *e)
{
    char directory[512];
    live_options view = {.quiet = options->quiet || options->times > 1};
    *code = stored_run_make(p, options->runs, &view, false, argc, argv, directory, e);
    if (*code >= 0 && options->times > 1)
        printf("         in %s\n", directory);
    return *code >= 0;
}

/* Exit code 1 when it failed again at least once, else that of the last try. */
static int replay_times(const plan *p, const replay_options *options, int argc, char **argv,
                        error *e)
{
    replay_score score = {0};
    int code = 0;
    uint64_t done = 0;
    for (; done < options->times && !interrupt_asked(); done++) {
        if (options->times > 1)
            printf("try %" PRIu64 " of %" PRIu64 "\n", done + 1, options->times);
        fflush(stdout);
        if (!replay_once(p, options, argc, argv, &code, e))
            return command_failed(e);
        score.failed += code == EXIT_VIOLATED;
        score.passed += code == EXIT_PASS;
        score.other += code != EXIT_VIOLATED && code != EXIT_PASS;
    }
    if (options->times > 1)
        printf("\nfailed again in %" PRIu64 " of %" PRIu64 " tries; %" PRIu64 " passed, %" PRIu64
               " neither\n",
               score.failed, done, score.passed, score.other);
    return score.failed > 0 ? EXIT_VIOLATED : code;
}

static int help(const flag *flags)
{
    puts("usage: ordeal replay RUN [flags]\n\nRuns the same plan, seed and faults again, from the "
         "run's directory alone.\n");
    flags_help(flags, FLAGS);
    puts("\nExit code 1 when an invariant was violated at least once.");
    return 0;
}

static int replay_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [TIMES] =
            {"times", "N", "runs it N times and tells in how many it failed again", {0}, 0, false},
        [RUNS] = {"runs", "DIR", "where run directories are made (runs)", {0}, 0, false},
        [QUIET] = {"quiet", NULL, "prints the verdict alone", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    char *typed[64];
    int typed_count = argc < 64 ? argc : 64;
    int operands;
    stored_run old;
    memcpy(typed, argv, (size_t)typed_count * sizeof *typed);
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0)
        return help(flags);
    replay_options options = {.times = 1,
                              .runs = flags[RUNS].count > 0 ? flags[RUNS].given[0] : "runs",
                              .quiet = flags[QUIET].count > 0};
    const char *times = flags[TIMES].count > 0 ? flags[TIMES].given[0] : NULL;
    if (operands != 1)
        error_set(e, ERROR_USAGE, "ordeal replay", "give one run directory");
    else if (times != NULL && (!units_whole(times, &options.times) || options.times == 0 ||
                               options.times > TIMES_MOST))
        error_set(e, ERROR_USAGE, "--times", "'%s' is not a number from 1 to %d", times,
                  TIMES_MOST);
    else if (stored_run_open(argv[1], &old, e)) {
        plan *p = plan_make(old.scenario);
        int code = replay_times(p, &options, typed_count, typed, e);
        plan_free(p);
        stored_run_close(&old);
        return code;
    }
    return command_failed(e);
}

const command command_replay = {"replay", "RUN", "runs the plan of a recorded run again",
                                replay_command};
