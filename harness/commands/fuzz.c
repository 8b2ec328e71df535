/* ordeal fuzz: hands over to fuzz/run, which builds and runs the targets. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "verdict/verdict.h"

#define ARGUMENTS_MOST 16

static const char help[] =
    "usage: ordeal fuzz TARGET|all [--time 60s] [--seed N]\n\n"
    "Fuzzes a parser, the server's core or the harness's own readers with libFuzzer, ASan and\n"
    "UBSan. Needs the source tree that ordeal was built from, and clang. The targets are in\n"
    "fuzz/README.md. Exit code 0: nothing found, 1: a finding is in fuzz/crashes/TARGET/, 2:\n"
    "wrong call, or the target cannot be built or run, 105: interrupted.\n";

static int run(int argc, char **argv, error *e)
{
    static const char script[] = ORDEAL_SOURCE_FOLDER "/fuzz/run";
    char *arguments[ARGUMENTS_MOST + 2] = {(char *)(uintptr_t)script};
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        fputs(help, argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_PASS;
    }
    if (argc - 1 > ARGUMENTS_MOST) {
        error_set(e, ERROR_USAGE, "fuzz", "too many arguments");
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++)
        arguments[i] = argv[i];
    execv(script, arguments);
    error_errno(e, script,
                "cannot be run; fuzzing needs the source tree that ordeal was built from");
    return EXIT_USAGE;
}

const command command_fuzz = {
    .name = "fuzz",
    .usage = "TARGET",
    .description = "fuzzes a parser or the server's core",
    .run = run,
};
