/* ordeal check RUN: judges a recorded run again, without a server. */
#include <stdio.h>

#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"

static int check_command(int argc, char **argv, error *e)
{
    stored_run run;
    flag help = {"help", NULL, "this text", {0}, 0, false};
    int operands;
    if (!flags_read(&help, 1, argc, argv, &operands, e))
        return command_failed(e);
    if (help.count > 0) {
        puts("usage: ordeal check RUN\n\nJudges a recorded run again from its directory alone and "
             "writes its reports anew.");
        return 0;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal check",
                  "give one run directory, such as runs/20260101T000000Z-smoke");
        return command_failed(e);
    }
    if (!stored_run_open(argv[1], &run, e))
        return command_failed(e);
    int code = stored_run_judge(&run, false, NULL, e);
    stored_run_close(&run);
    return code >= 0 ? code : command_failed(e);
}

const command command_check = {"check", "RUN", "judges a recorded run again, without a server",
                               check_command};
