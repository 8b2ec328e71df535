/* ordeal postmortem RUN: prints the post-mortem of a failed run, or texts for a status page. */
#include <stdio.h>

#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "reports/postmortem.h"

enum { STATUS_PAGE, HELP, FLAGS };

static int print_postmortem(const stored_run *run, bool status_page, error *e)
{
    verdict *v = verdict_make(run->scenario, run->history, run->directory);
    buffer text = {0};
    bool failed = v->kind == VERDICT_FAIL;
    if (failed) {
        facts *f = facts_gather(v, run->directory);
        status_page ? postmortem_status(f, &text) : postmortem_write(f, &text);
        fputs(buffer_text(&text), stdout);
        facts_free(f);
    } else {
        error_set(e, ERROR_USAGE, run->directory,
                  "its verdict is %s: only a failed run has a post-mortem", verdict_name(v->kind));
    }
    buffer_free(&text);
    verdict_free(v);
    return failed ? EXIT_PASS : command_failed(e);
}

static int postmortem_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [STATUS_PAGE] = {"status-page",
                         NULL,
                         "texts for a status page: investigating, identified, monitoring, resolved",
                         {0},
                         0,
                         false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    int operands;
    stored_run run;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal postmortem RUN [flags]\n\nPrints the post-mortem of a failed run, as "
             "its postmortem.md has it.\n");
        flags_help(flags, FLAGS);
        return EXIT_PASS;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal postmortem", "give one run directory");
        return command_failed(e);
    }
    if (!stored_run_open(argv[1], &run, e))
        return command_failed(e);
    int code = print_postmortem(&run, flags[STATUS_PAGE].count > 0, e);
    stored_run_close(&run);
    return code;
}

const command command_postmortem = {"postmortem", "RUN", "prints the post-mortem of a failed run",
                                    postmortem_command};
