/* clock-tool: a clock to try by hand and from scripts.
 *
 *     clock-tool PAGE WAY RATE OFFSET_SECONDS waits|plain PROGRAM [ARGUMENT]...
 *
 * runs PROGRAM under a clock and makes the changes that it reads from descriptor 3, one a line:
 * "offset SECONDS", "drift PER_SECOND", "rate FACTOR", "strobe HALF_SECONDS BY_SECONDS", "end
 * NUMBER". It answers each with the change's number on descriptor 4, and leaves when both the
 * program and descriptor 3 have ended; its exit code is the program's. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos/clock/clock.h"

#define SECOND 1e9

static int fail(const error *e)
{
    char line[700];
    fprintf(stderr, "clock-tool: %s\n", error_line(e, line, sizeof line));
    return 2;
}

static _Noreturn void become(const clock_control *c, char **command)
{
    const char *arguments[64];
    size_t count = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(3);
    close(4);
    for (const char *const *at = clock_prefix(c); *at != NULL; at++)
        arguments[count++] = *at;
    for (; *command != NULL && count < 63; command++)
        arguments[count++] = *command;
    arguments[count] = NULL;
    for (const char *const *at = clock_environment(c); *at != NULL; at++)
        putenv((char *)(uintptr_t)*at);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static int change(clock_control *c, const char *line, error *e)
{
    char word[16] = "";
    double first = 0;
    double second = 0;
    sscanf(line, "%15s %lf %lf", word, &first, &second);
    if (strcmp(word, "end") == 0) {
        clock_end(c, (int)first);
        return (int)first;
    }
    clock_change wanted = {0};
    if (strcmp(word, "offset") == 0)
        wanted.offset = (int64_t)(first * SECOND);
    else if (strcmp(word, "drift") == 0)
        wanted.drift = first;
    else if (strcmp(word, "rate") == 0)
        wanted.rate = first;
    else if (strcmp(word, "strobe") == 0) {
        wanted.strobe_half = (uint64_t)(first * SECOND);
        wanted.strobe_by = (int64_t)(second * SECOND);
    }
    return clock_begin(c, &wanted, e);
}

static void take_changes(clock_control *c)
{
    char line[128];
    FILE *in = fdopen(3, "r");
    FILE *out = fdopen(4, "w");
    while (in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL) {
        error e = {0};
        int number = change(c, line, &e);
        if (number < 0)
            fail(&e);
        fprintf(out, "%d\n", number);
        fflush(out);
    }
}

int main(int argc, char **argv)
{
    error e = {0};
    int status = 0;
    if (argc < 7)
        return 2;
    clock_options options = {
        .page = argv[1],
        .way = strcmp(argv[2], "vdso") == 0       ? CLOCK_BY_VDSO
               : strcmp(argv[2], "faketime") == 0 ? CLOCK_BY_FAKETIME
                                                  : CLOCK_BY_PROBE,
        .rate = strtod(argv[3], NULL),
        .offset = (int64_t)(strtod(argv[4], NULL) * SECOND),
        .rate_may_change = strcmp(argv[5], "waits") == 0,
    };
    clock_control *c = clock_open(&options, &e);
    if (c == NULL)
        return fail(&e);
    pid_t pid = fork();
    if (pid == 0)
        become(c, argv + 6);
    take_changes(c);
    waitpid(pid, &status, 0);
    if (getenv("CLOCK_TOOL_TELLS") != NULL)
        fprintf(stderr, "%s, programs %llu, missed %llu, waits %llu\n",
                clock_way_name(clock_chosen(c)), (unsigned long long)clock_programs(c),
                (unsigned long long)clock_missed(c), (unsigned long long)clock_waits(c));
    clock_close(c);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
