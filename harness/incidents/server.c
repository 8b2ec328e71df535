#include "incidents/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"

static bool cache_folder(char out[SERVER_PATH_SIZE], error *e)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (cache != NULL && cache[0] == '/')
        length = snprintf(out, SERVER_PATH_SIZE, "%s/ordeal/servers", cache);
    else if (home != NULL && home[0] == '/')
        length = snprintf(out, SERVER_PATH_SIZE, "%s/.cache/ordeal/servers", home);
    return (length > 0 && length < SERVER_PATH_SIZE) ||
           error_set(e, ERROR_UNABLE, "cache",
                     "set XDG_CACHE_HOME or HOME to where built servers may be kept");
}

/* In the child: its standard output becomes the pipe. */
_Noreturn static void become_builder(const char *script, const char *source, const char *cache,
                                     const char *patch, int output)
{
    char *arguments[] = {(char *)(uintptr_t)script, (char *)(uintptr_t)source,
                         (char *)(uintptr_t)cache, (char *)(uintptr_t)patch, NULL};
    if (dup2(output, STDOUT_FILENO) >= 0)
        execv(script, arguments);
    _exit(127);
}

static bool read_path(int from, char program[SERVER_PATH_SIZE])
{
    size_t used = 0;
    ssize_t length;
    while (used + 1 < SERVER_PATH_SIZE &&
           (length = read(from, program + used, SERVER_PATH_SIZE - 1 - used)) > 0)
        used += (size_t)length;
    program[used] = '\0';
    program[strcspn(program, "\n")] = '\0';
    return program[0] == '/';
}

bool server_build(const catalogue *c, const char *patch, char program[SERVER_PATH_SIZE], error *e)
{
    char script[SERVER_PATH_SIZE];
    char source[SERVER_PATH_SIZE];
    char cache[SERVER_PATH_SIZE];
    int ends[2];
    int status = -1;
    if (!files_join(script, sizeof script, c->folder, "build-server", e) ||
        !files_join(source, sizeof source, c->folder, "../..", e) || !cache_folder(cache, e))
        return false;
    if (pipe(ends) != 0)
        return error_errno(e, script, "cannot make a pipe");
    fflush(NULL);
    pid_t builder = fork();
    if (builder == 0)
        become_builder(script, source, cache, patch, ends[1]);
    close(ends[1]);
    bool told = builder > 0 && read_path(ends[0], program);
    close(ends[0]);
    if (builder > 0)
        waitpid(builder, &status, 0);
    if (builder < 0)
        return error_errno(e, script, "cannot be started");
    return (told && WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           error_set(e, ERROR_UNABLE, patch != NULL ? patch : source,
                     "the server cannot be built%s; what is wrong stands above",
                     patch != NULL ? " with it" : "");
}
