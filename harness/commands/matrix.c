/* ordeal matrix DIR...: one table of several qualifications. */
#include <stdio.h>

#include "commands/command.h"
#include "commands/flags.h"
#include "qualify/matrix.h"
#include "verdict/verdict.h"

enum { OUT, HELP, FLAGS };

static int matrix_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [OUT] = {.name = "out",
                 .value = "DIR",
                 .description = "where matrix.html and matrix.md go (.)"},
        [HELP] = {.name = "help", .description = "this text"},
    };
    int operands = 0;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal matrix DIR... [--out DIR]\n\nOne page and one table of several "
             "qualifications: servers x capabilities, each cell opening its evidence.\n");
        flags_help(flags, FLAGS);
        return EXIT_PASS;
    }
    const char *out = flags[OUT].count > 0 ? flags[OUT].given[0] : ".";
    if (operands == 0) {
        error_set(e, ERROR_USAGE, "ordeal matrix", "give the folders of qualifications");
        return command_failed(e);
    }
    if (!matrix_make((const char *const *)(argv + 1), (size_t)operands, out, e))
        return command_failed(e);
    printf("%s/matrix.html and %s/matrix.md\n", out, out);
    return EXIT_PASS;
}

const command command_matrix = {"matrix", "DIR...", "one table of several qualifications",
                                matrix_command};
