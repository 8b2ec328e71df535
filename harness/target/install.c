#include "target/install.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "target/launch.h"

static bool is_in(const char *folder, size_t length, const char *program)
{
    char path[PATH_MAX];
    int whole = snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, program);
    return whole > 0 && (size_t)whole < sizeof path && access(path, X_OK) == 0;
}

static bool is_among(const char *folders, const char *program)
{
    for (const char *at = folders; *at != '\0'; at += *at == ':') {
        size_t length = strcspn(at, ":");
        if (is_in(at, length, program))
            return true;
        at += length;
    }
    return false;
}

bool install_is_here(const char *needs)
{
    if (needs == NULL)
        return true;
    if (strchr(needs, '/') != NULL)
        return access(needs, R_OK) == 0;
    const char *path = getenv("PATH");
    return is_among(path != NULL ? path : "/usr/bin:/bin", needs) ||
           is_among("/usr/sbin:/sbin", needs);
}

static void describe(const char *const *command, buffer *text)
{
    for (const char *const *at = command; *at != NULL; at++)
        buffer_printf(text, "%s%s", at != command ? " " : "", *at);
}

_Noreturn static void become(const char *const *command, int log, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int null = open("/dev/null", O_RDONLY);
    if (getppid() == parent && null >= 0 && dup2(null, 0) == 0 && dup2(log, 1) == 1 &&
        dup2(log, 2) == 2)
        execvp(command[0], (char *const *)(uintptr_t)command);
    _exit(127);
}

static bool run(const char *const *command, const char *log, int *status, error *e)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(e, log, "cannot be written");
    pid_t parent = getpid();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become(command, fd, parent);
    close(fd);
    if (child < 0)
        return error_errno(e, command[0], "cannot be started");
    while (waitpid(child, status, 0) != child)
        if (errno != EINTR)
            return error_errno(e, command[0], "cannot be waited for");
    return true;
}

bool install_run(const char *needs, const char *const *command, const char *log, error *e)
{
    int status = 0;
    char end[100];
    buffer text = {0};
    if (!run(command, log, &status, e))
        return false;
    describe(command, &text);
    launch_describe_exit(status, end, sizeof end);
    bool fine = status == 0;
    if (!fine)
        error_set(e, ERROR_TARGET, log, "'%.200s' %s", buffer_text(&text), end);
    else if (!install_is_here(needs))
        fine = error_set(e, ERROR_TARGET, log, "'%.200s' went well, but there is no '%.200s' still",
                         buffer_text(&text), needs);
    buffer_free(&text);
    return fine;
}

bool install_check(const char *needs, const char *const *command, const char *target, error *e)
{
    buffer text = {0};
    if (install_is_here(needs))
        return true;
    if (command != NULL)
        describe(command, &text);
    error_set(e, ERROR_USAGE, target, "needs '%.150s', which is not here%s%.250s", needs,
              command != NULL ? "; 'ordeal qualify' would install it, as does: " : "",
              buffer_text(&text));
    buffer_free(&text);
    return false;
}
