/* ordeal errors RUN: what was not ok, by endpoint, kind, status and code, with samples. */
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "reports/error_groups.h"

#define SAMPLES_USUAL 2

enum { SAMPLES, JSON, HELP, FLAGS };

static void print_errors(const stored_run *run, uint64_t samples, bool json)
{
    buffer text = {0};
    uint64_t seed = run->scenario->seed;
    error_groups *g = error_groups_gather(run->history, (size_t)samples);
    if (json) {
        json_writer w = writer_begin(&text);
        w.indent = true;
        error_groups_write(g, run->history, seed, &w);
        buffer_text_append(&text, "\n");
    } else {
        error_groups_print(g, run->history, seed, &text);
    }
    fputs(buffer_text(&text), stdout);
    buffer_free(&text);
    free(g);
}

static int errors_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [SAMPLES] = {"samples", "N", "how many of each are shown, up to 20 (2)", {0}, 0, false},
        [JSON] = {"json", NULL, "one JSON object", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    uint64_t samples = SAMPLES_USUAL;
    int operands;
    stored_run run;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal errors RUN [flags]\n\nBreaks down what was not ok: by kind, by "
             "endpoint, and both with the first samples.\n");
        flags_help(flags, FLAGS);
        return EXIT_PASS;
    }
    if (operands != 1)
        error_set(e, ERROR_USAGE, "ordeal errors", "give one run directory");
    else if (flags[SAMPLES].count > 0 &&
             (!units_whole(flags[SAMPLES].given[0], &samples) || samples > ERROR_SAMPLES_MOST))
        error_set(e, ERROR_USAGE, "--samples", "'%s' is not a number from 0 to %d",
                  flags[SAMPLES].given[0], ERROR_SAMPLES_MOST);
    else if (stored_run_open(argv[1], &run, e)) {
        print_errors(&run, samples, flags[JSON].count > 0);
        stored_run_close(&run);
        return EXIT_PASS;
    }
    return command_failed(e);
}

const command command_errors = {"errors", "RUN", "breaks down what was not ok, with samples",
                                errors_command};
