/* ordeal compare A B...: is B worse than A? Runs, or base line files that hold figures of runs. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "reports/comparison.h"
#include "reports/trend.h"
#include "verdict/verdict.h"

#define TOLERANCE_USUAL 0.10

enum { BASE, TOLERANCE, FAIL, SAVE, ANY_HOST, JSON, HELP, FLAGS };

static bool take_tolerance(const flag *f, double *tolerance, error *e)
{
    return f->count == 0 || units_fraction(f->given[f->count - 1], tolerance) ||
           error_set(e, ERROR_USAGE, "--tolerance", "'%s' is not a share such as 10%%",
                     f->given[f->count - 1]);
}

/* The base line is what --base names, else the first operand; all other operands are candidates. */
static bool gather(const flag *base_flag, int operands, char **argv, run_list *base,
                   run_list *candidate, error *e)
{
    int first = base_flag->count > 0 ? 1 : 2;
    for (size_t i = 0; i < base_flag->count; i++)
        if (!run_list_add(base, base_flag->given[i], e))
            return false;
    if (base_flag->count == 0 && operands >= 1 && !run_list_add(base, argv[1], e))
        return false;
    for (int i = first; i <= operands; i++)
        if (!run_list_add(candidate, argv[i], e))
            return false;
    return (base->count > 0 && candidate->count > 0) ||
           error_set(e, ERROR_USAGE, "ordeal compare",
                     "give two runs at least: the base line and what is compared with it");
}

/* All runs as one series, when they are enough to see a change in. */
static void print_changes(const run_list *base, const run_list *candidate, buffer *out)
{
    run_list all = {.count = base->count + candidate->count};
    if (all.count < (size_t)2 * TREND_BETWEEN)
        return;
    all.runs = memory_take(all.count * sizeof(run_figures *));
    for (size_t i = 0; i < all.count; i++)
        all.runs[i] = i < base->count ? base->runs[i] : candidate->runs[i - base->count];
    buffer_text_append(out, "\nchange points of all runs in their order\n");
    trend_print(&all, out);
    free(all.runs);
}

static int compare(const run_list *base, const run_list *candidate, const flag *flags, error *e)
{
    comparison_options options = {.tolerance = TOLERANCE_USUAL,
                                  .any_host = flags[ANY_HOST].count > 0};
    run_comparison *c = memory_zeroed(1, sizeof *c);
    buffer text = {0};
    bool fine = take_tolerance(&flags[TOLERANCE], &options.tolerance, e) &&
                comparison_make(base, candidate, &options, c, e);
    if (fine && flags[JSON].count > 0) {
        comparison_write(c, &text);
    } else if (fine) {
        comparison_print(c, &text);
        print_changes(base, candidate, &text);
    }
    fputs(buffer_text(&text), stdout);
    bool regressed = fine && comparison_regressed(c) && flags[FAIL].count > 0;
    buffer_free(&text);
    free(c);
    if (!fine)
        return command_failed(e);
    return regressed ? EXIT_MISSED : EXIT_PASS;
}

static int save(int operands, char **argv, const char *path, error *e)
{
    run_list all = {0};
    buffer text = {0};
    bool fine = operands > 0 || error_set(e, ERROR_USAGE, "--save", "give the runs to be kept");
    for (int i = 1; i <= operands && fine; i++)
        fine = run_list_add(&all, argv[i], e);
    if (fine) {
        run_list_write(&all, &text);
        fine = files_replace(path, buffer_text(&text), text.length, e);
    }
    if (fine)
        printf("%zu runs kept as base line in %s\n", all.count, path);
    buffer_free(&text);
    run_list_free(&all);
    return fine ? EXIT_PASS : command_failed(e);
}

static int help(const flag *flags)
{
    puts(
        "usage: ordeal compare A B... [flags]\n       ordeal compare --base A --base A... B... "
        "[flags]\n       ordeal compare --save FILE RUN...\n\nTells whether B is worse than A. "
        "Each is a run directory or a base line file. Several Bs are\nrepeated runs of one thing; "
        "so are several --base. Four or more on each side are tested\nfigure by figure "
        "(Mann-Whitney, Cliff's delta); fewer by blocks of their load. Runs of different\nplans or "
        "machines, and runs that prove nothing, are refused.\n");
    flags_help(flags, FLAGS);
    puts("\nexit codes: 0 compared, 2 not comparable, 99 worse (with --fail-on-regression)");
    return EXIT_PASS;
}

static int compare_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [BASE] = {"base",
                  "A",
                  "a run or base line file of the base line; may be repeated",
                  {0},
                  0,
                  true},
        [TOLERANCE] =
            {"tolerance", "N%", "a smaller change of a median is none (10%)", {0}, 0, false},
        [FAIL] = {"fail-on-regression", NULL, "exit code 99 when anything is worse", {0}, 0, false},
        [SAVE] =
            {"save", "FILE", "keeps the runs as a base line file, for a repository", {0}, 0, false},
        [ANY_HOST] =
            {"any-host", NULL, "compares runs of different machines all the same", {0}, 0, false},
        [JSON] = {"json", NULL, "one JSON object", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    run_list base = {0};
    run_list candidate = {0};
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0)
        return help(flags);
    if (flags[SAVE].count > 0)
        return save(operands, argv, flags[SAVE].given[0], e);
    int code = gather(&flags[BASE], operands, argv, &base, &candidate, e)
                   ? compare(&base, &candidate, flags, e)
                   : command_failed(e);
    run_list_free(&base);
    run_list_free(&candidate);
    return code;
}

const command command_compare = {"compare", "A B...",
                                 "tells whether runs are worse than a base line", compare_command};
