#include "chaos/clock/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

#define PATIENCE       10000 /* milliseconds */
#define ARGUMENTS_MOST 8
#define SECOND         ((double)NANOSECONDS_PER_SECOND)

/* Ours with the clock's in front: of two with one name the first counts. */
static char **environment_for(const clock_control *c)
{
    const char *const *extra = clock_environment(c);
    size_t own = 0;
    size_t more = 0;
    while (environ[own] != NULL)
        own++;
    while (extra[more] != NULL)
        more++;
    char **all = memory_zeroed(own + more + 1, sizeof *all);
    memcpy(all, extra, more * sizeof *all);
    memcpy(all + more, environ, own * sizeof *all);
    return all;
}

static int spawn(const clock_control *c, int line, pid_t *pid)
{
    const char *arguments[ARGUMENTS_MOST];
    size_t count = 0;
    for (const char *const *at = clock_prefix(c); *at != NULL; at++)
        arguments[count++] = *at;
    arguments[count++] = clock_program(c);
    arguments[count++] = "--tell";
    arguments[count] = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, line, 0);
    posix_spawn_file_actions_adddup2(&actions, line, 1);
    char **environment = environment_for(c);
    int result = posix_spawn(pid, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments,
                             environment);
    free(environment);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

bool clock_reader_start(const clock_control *c, clock_reader *r, error *e)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_errno(e, "clock", "cannot make a socket pair");
    errno = spawn(c, ends[1], &r->pid);
    bool fine = errno == 0 || error_errno(e, clock_program(c), "cannot be run");
    close(ends[1]);
    r->line = ends[0];
    r->clock = c;
    if (!fine)
        close(r->line);
    return fine;
}

static bool read_answer(const clock_reader *r, clock_reading *out)
{
    char line[64] = "";
    size_t length = 0;
    struct pollfd wanted = {.fd = r->line, .events = POLLIN};
    while (length + 1 < sizeof line && (length == 0 || line[length - 1] != '\n')) {
        ssize_t got = 0;
        if (poll(&wanted, 1, PATIENCE) == 1)
            got = recv(r->line, line + length, sizeof line - 1 - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
    }
    line[length] = '\0';
    char *rest;
    out->wall = strtoll(line, &rest, 10);
    out->monotonic = strtoll(rest, NULL, 10);
    return true;
}

bool clock_reader_ask(clock_reader *r, bool sleeps, clock_reading *out, error *e)
{
    out->wall_before = (int64_t)timing_wall();
    out->monotonic_before = (int64_t)timing_now();
    bool fine = send(r->line, sleeps ? "s\n" : "r\n", 2, MSG_NOSIGNAL) == 2 && read_answer(r, out);
    out->monotonic_after = (int64_t)timing_now();
    out->wall_after = (int64_t)timing_wall();
    return fine || error_set(e, ERROR_UNABLE, "clock",
                             "a small program under the clock did not answer; standard error says "
                             "more");
}

void clock_reader_stop(clock_reader *r)
{
    close(r->line);
    kill(r->pid, SIGKILL);
    waitpid(r->pid, NULL, 0);
    clock_program_ended(r->clock, r->pid);
}

bool clock_reading_off_by(const clock_reading *r, int64_t by, double rate)
{
    int64_t running = llround(fabs(rate - 1) * 10 * SECOND);
    return r->wall - r->wall_after - by <= running && r->wall - r->wall_before - by >= -running;
}

bool clock_reading_ran(const clock_reading *first, const clock_reading *second, double rate)
{
    double passed = (double)(second->monotonic - first->monotonic);
    double least = (double)(second->monotonic_before - first->monotonic_after);
    double most = (double)(second->monotonic_after - first->monotonic_before);
    return passed >= least * rate * 0.999 && passed <= most * rate * 1.001;
}
