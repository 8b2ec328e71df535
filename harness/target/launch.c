#include "target/launch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"
#include "base/timing.h"

#define ARGUMENTS_MOST 64
#define ARGUMENT_SIZE  1024
#define FIRST_OWN      3 /* after the standard ones */

/* Below what Linux hands out by itself: until the target binds it, and while it is down, nobody's
 * outgoing connection takes the port. */
#define PORT_LEAST 15000
#define PORT_MOST  32000
#define PORT_TRIES 100

bool launch_fill(char *out, size_t size, const char *text, uint16_t port, const char *data)
{
    size_t used = 0;
    while (*text != '\0') {
        char number[8];
        const char *piece = text;
        size_t length = 1;
        size_t step = 1;
        if (strncmp(text, "{port}", 6) == 0) {
            length = (size_t)snprintf(number, sizeof number, "%u", port);
            piece = number;
            step = 6;
        } else if (strncmp(text, "{data}", 6) == 0) {
            piece = data;
            length = strlen(data);
            step = 6;
        }
        if (used + length >= size)
            return false;
        memcpy(out + used, piece, length);
        used += length;
        text += step;
    }
    out[used] = '\0';
    return true;
}

static bool is_free(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool fine = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    errno = number;
    return fine;
}

bool launch_free_port(uint16_t *port, error *e)
{
    random_stream r = random_named(timing_now() ^ (uint64_t)getpid(), "port");
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        *port = (uint16_t)random_between(&r, PORT_LEAST, PORT_MOST);
        if (is_free(*port))
            return true;
    }
    return error_errno(e, "target", "cannot find a free port");
}

void launch_describe_exit(int wait_status, char *text, size_t size)
{
    if (WIFEXITED(wait_status))
        snprintf(text, size, "exited with code %d", WEXITSTATUS(wait_status));
    else if (WIFSIGNALED(wait_status))
        snprintf(text, size, "was killed by signal %d (%s)", WTERMSIG(wait_status),
                 strsignal(WTERMSIG(wait_status)));
    else
        snprintf(text, size, "ended with wait status %d", wait_status);
}

static bool fill_arguments(const supervisor_options *options, uint16_t port,
                           char *arguments[ARGUMENTS_MOST], error *e)
{
    size_t count = 0;
    for (const char *const *at = options->prefix; at != NULL && *at != NULL; at++) {
        arguments[count++] = memory_text(*at);
        CHECK(count < ARGUMENTS_MOST);
    }
    for (char *const *at = options->command; *at != NULL; at++, count++) {
        if (count + 1 >= ARGUMENTS_MOST)
            return error_set(e, ERROR_USAGE, options->command[0], "more than %d arguments",
                             ARGUMENTS_MOST - 1);
        arguments[count] = memory_take(ARGUMENT_SIZE);
        if (!launch_fill(arguments[count], ARGUMENT_SIZE, *at, port, options->data_directory))
            return error_set(e, ERROR_USAGE, options->command[0], "argument %zu is too long",
                             count);
    }
    return true;
}

static void free_arguments(char *arguments[ARGUMENTS_MOST])
{
    for (size_t i = 0; arguments[i] != NULL; i++)
        free(arguments[i]);
}

static void add_environment(const char *const *entries)
{
    for (const char *const *at = entries; at != NULL && *at != NULL; at++)
        putenv((char *)(uintptr_t)*at);
}

/* Our own descriptors are none of the target's: libcurl makes some that are inherited, and a target
 * started anew during the load would keep them for ever. Before Linux 5.11: one by one. */
static void keep_descriptors_back(void)
{
    if (close_range(FIRST_OWN, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    long most = sysconf(_SC_OPEN_MAX);
    for (int fd = FIRST_OWN; fd < most; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* In the child: only calls that are safe after fork in a threaded program. */
_Noreturn static void become_target(const supervisor_options *options, char *const *arguments,
                                    int log, int complain, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDONLY);
    bool fine = getppid() == parent && null >= 0 && dup2(null, 0) == 0 && dup2(log, 1) == 1 &&
                dup2(log, 2) == 2;
    keep_descriptors_back();
    add_environment((const char *const *)options->environment);
    add_environment(options->more_environment);
    if (fine && options->child_prepare != NULL)
        options->child_prepare(options->launch_owner);
    if (fine)
        execvp(arguments[0], arguments);
    int number = errno;
    (void)!write(complain, &number, sizeof number);
    _exit(127);
}

/* The pipe closes by itself when exec succeeds; bytes in it are the errno of one that failed. */
static bool exec_succeeded(int news, const char *program, error *e)
{
    int number = 0;
    ssize_t length;
    do
        length = read(news, &number, sizeof number);
    while (length < 0 && errno == EINTR);
    if (length == 0)
        return true;
    errno = number;
    if (number == ENOENT || number == EACCES)
        return error_set(e, ERROR_USAGE, program, "the target's program cannot be run: %s",
                         strerror(number));
    return error_errno(e, program, "cannot start the target");
}

static pid_t fork_target(const supervisor_options *options, char *const *arguments, int log,
                         error *e)
{
    int news[2];
    if (pipe2(news, O_CLOEXEC) != 0) {
        error_errno(e, "target", "cannot make a pipe");
        return 0;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become_target(options, arguments, log, news[1], parent);
    close(news[1]);
    if (pid < 0) {
        error_errno(e, "target", "cannot fork");
        pid = 0;
    } else if (!exec_succeeded(news[0], arguments[0], e)) {
        waitpid(pid, NULL, 0);
        pid = 0;
    }
    close(news[0]);
    return pid;
}

pid_t launch_process(const supervisor_options *options, uint16_t port, error *e)
{
    char *arguments[ARGUMENTS_MOST] = {NULL};
    pid_t pid = 0;
    CHECK(options->command[0] != NULL);
    int log = open(options->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0)
        error_errno(e, options->log_path, "cannot open the target's log");
    else if (fill_arguments(options, port, arguments, e))
        pid = fork_target(options, arguments, log, e);
    free_arguments(arguments);
    if (log >= 0)
        close(log);
    return pid;
}
