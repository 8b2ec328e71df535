/* ordeal trend FOLDER: figures over all runs of a folder, with the points at which they changed. */
#include <stdio.h>

#include "base/files.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "reports/trend.h"
#include "verdict/verdict.h"

enum { OUT, HELP, FLAGS };

static bool write_trend(const run_list *l, const char *path, error *e)
{
    buffer text = {0};
    buffer page = {0};
    trend_print(l, &text);
    trend_page(l, &page);
    bool fine = files_replace(path, buffer_text(&page), page.length, e);
    if (fine)
        printf("%spage: %s\n", buffer_text(&text), path);
    buffer_free(&text);
    buffer_free(&page);
    return fine;
}

static int trend_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [OUT] = {"out", "FILE", "the page (FOLDER/trend.html)", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal trend [FOLDER] [flags]\n\nDraws the figures of all runs in a folder "
             "(runs) over time, and tells where they changed\n(E-divisive). Runs stand in one line "
             "when plan, target and machine are the same.\n");
        flags_help(flags, FLAGS);
        return EXIT_PASS;
    }
    const char *folder = operands > 0 ? argv[1] : "runs";
    char path[700];
    run_list runs = {0};
    size_t left_out = 0;
    bool fine = (operands <= 1 || error_set(e, ERROR_USAGE, "ordeal trend", "give one folder")) &&
                files_join(path, sizeof path, folder, "trend.html", e) &&
                run_list_add_folder(&runs, folder, &left_out, e);
    if (fine && runs.count == 0)
        fine = error_set(e, ERROR_USAGE, folder, "holds no finished run");
    if (fine)
        fine = write_trend(&runs, flags[OUT].count > 0 ? flags[OUT].given[0] : path, e);
    if (fine && left_out > 0)
        printf("%zu folders were left out: not finished, or of another ordeal\n", left_out);
    run_list_free(&runs);
    return fine ? EXIT_PASS : command_failed(e);
}

const command command_trend = {"trend", "[FOLDER]",
                               "draws figures over many runs and their changes", trend_command};
