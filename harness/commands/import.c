/* ordeal import LOG: recorded traffic becomes a scenario. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "engine/sizes.h"
#include "plan/scenario.h"
#include "traffic/traffic.h"

enum { NAME, OUTPUT, TARGET, WITHIN, HELP, FLAGS };

static const char *given(const flag *f, const char *otherwise)
{
    return f->count > 0 ? f->given[f->count - 1] : otherwise;
}

static void tell(const char *log, const traffic_figures *f)
{
    log_line(LOG_INFO, "%s: %" PRIu64 " of %" PRIu64 " lines understood, %" PRIu64 " paths", log,
             f->understood, f->lines, f->paths);
    if (f->first_bad > 0)
        log_line(LOG_WARNING, "%" PRIu64 " lines were not understood, first line %" PRIu64,
                 f->lines - f->understood, f->first_bad);
    if (f->left_out > 0)
        log_line(LOG_INFO,
                 "%" PRIu64 " requests are left out: other methods, refused, or not for a file",
                 f->left_out);
    if (f->too_large > 0)
        log_line(LOG_WARNING, "%" PRIu64 " sizes are above %" PRIu64 " GiB and taken for that",
                 f->too_large, SIZES_MOST >> 30);
}

static bool read_flags(const flag *flags, traffic_options *options, error *e)
{
    const char *within = given(&flags[WITHIN], NULL);
    options->name = given(&flags[NAME], "imported");
    options->target = given(&flags[TARGET], "reference");
    if (!scenario_name_fits(options->name))
        return error_set(e, ERROR_USAGE, "--name", "'%s': " SCENARIO_NAME_RULE, options->name);
    return within == NULL || (units_duration(within, &options->within) && options->within > 0) ||
           error_set(e, ERROR_USAGE, "--within", "'%s' is not a time such as 5m", within);
}

static bool carry_out(const char *log, const flag *flags, error *e)
{
    traffic_options options = {0};
    traffic_figures figures;
    buffer text = {0};
    const char *output = given(&flags[OUTPUT], NULL);
    bool fine = read_flags(flags, &options, e) && traffic_import(log, &options, &figures, &text, e);
    if (fine)
        tell(log, &figures);
    if (fine && output != NULL && !files_replace(output, buffer_text(&text), text.length, e)) {
        e->kind = ERROR_USAGE; /* another place can be given */
        fine = false;
    }
    if (fine && output == NULL)
        fputs(buffer_text(&text), stdout);
    buffer_free(&text);
    return fine;
}

static int import_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [NAME] = {"name", "NAME", "of the scenario (imported)", {0}, 0, false},
        [OUTPUT] = {"output", "FILE", "writes the scenario there (standard output)", {0}, 0, false},
        [TARGET] = {"target", "T", "that the scenario names (reference)", {0}, 0, false},
        [WITHIN] =
            {"within", "TIME", "compresses or stretches the load to this time", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal import LOG [flags]\n\nTurns an access log into a scenario with the "
             "log's timing, sizes, paths and mix. Lines are of the combined\nlog format, or JSON "
             "objects with time, method, path and status.\n");
        flags_help(flags, FLAGS);
        return 0;
    }
    if (operands != 1)
        error_set(e, ERROR_USAGE, "ordeal import", "give one log, such as access.log");
    return operands == 1 && carry_out(argv[1], flags, e) ? 0 : command_failed(e);
}

const command command_import = {"import", "LOG", "turns an access log into a scenario",
                                import_command};
