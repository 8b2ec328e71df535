/* ordeal: puts a storage server through production before production does. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "commands/command.h"
#include "engine/curl_memory.h"
#include "verdict/verdict.h"

/* One row a command. */
extern const command command_run;
extern const command command_check;
extern const command command_crash;
extern const command command_sweep;
extern const command command_replay;
extern const command command_errors;
extern const command command_postmortem;
extern const command command_compare;
extern const command command_trend;
extern const command command_reproduce;
extern const command command_incident;
extern const command command_import;
extern const command command_history;
extern const command command_fuzz;
extern const command command_qualify;
extern const command command_matrix;
extern const command command_list;
extern const command command_doctor;

/* One row a line. */
/* clang-format off */
static const command *const commands[] = {
    &command_run,
    &command_check,
    &command_crash,
    &command_sweep,
    &command_replay,
    &command_errors,
    &command_postmortem,
    &command_compare,
    &command_trend,
    &command_reproduce,
    &command_incident,
    &command_import,
    &command_history,
    &command_fuzz,
    &command_qualify,
    &command_matrix,
    &command_list,
    &command_doctor,
};
/* clang-format on */
#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
    fputs("usage: ordeal COMMAND ...\n\nPuts a storage server through production before production "
          "does.\n\n",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %-10s %s\n", commands[i]->name, commands[i]->usage,
                commands[i]->description);
    fputs("\n'ordeal COMMAND --help' tells more.\n\nexit codes\n"
          "    0  pass\n"
          "    1  an invariant is violated\n"
          "    2  bad usage, or the target cannot be started or reached\n"
          "    3  invalid: the run proves nothing\n"
          "   99  only thresholds are missed\n"
          "  105  interrupted\n"
          "  109  ordeal itself failed\n",
          out);
}

int command_failed(const error *e)
{
    switch (e->kind) {
    case ERROR_USAGE:
    case ERROR_TARGET:
    case ERROR_UNABLE:
        return EXIT_USAGE;
    case ERROR_INTERRUPT:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_INTERNAL;
    }
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int no_such_command(const char *name)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = suggest_nearest(name, names, COMMANDS);
    fprintf(stderr, "ordeal: there is no command '%s'%s%s%s; see ordeal --help\n", name,
            near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
            near != NULL ? "'?" : "");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    log_setup("ordeal", LOG_PLAIN, LOG_INFO);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || (argc == 2 && strcmp(argv[1], "help") == 0)) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("ordeal " ORDEAL_VERSION);
        return 0;
    }
    char flag[] = "--help";
    char *help[] = {argc > 2 ? argv[2] : NULL, flag, NULL};
    bool wants_help = argc == 3 && strcmp(argv[1], "help") == 0;
    const char *name = wants_help ? argv[2] : argv[1];
    const command *c = find_command(name);
    if (c == NULL)
        return no_such_command(name);
    error e = {0};
    curl_memory_begin();
    int code = wants_help ? c->run(2, help, &e) : c->run(argc - 1, argv + 1, &e);
    curl_global_cleanup();
    if (e.kind != ERROR_NONE)
        log_error(&e);
    return code;
}
