/* ordeal-watch: the program that the harness puts before a target's command where there is no
 * /dev/fuse. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "chaos/storage/watch.h"

static int usage(FILE *where, int code)
{
    fputs("usage: ordeal-watch DOOR PROGRAM [ARGUMENT]...\n\n"
          "Runs PROGRAM so that ordeal, which waits at DOOR, sees its system calls on files and\n"
          "refuses or delays them as its faults say.\n",
          where);
    return code;
}

int main(int argc, char **argv)
{
    error e = {0};
    log_setup("ordeal-watch", LOG_PLAIN, LOG_INFO);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, 0);
    if (argc < 3 || strlen(argv[1]) > 64)
        return usage(stderr, 2);
    if (!watch_enter(argv[1])) {
        error_errno(&e, argv[1], "cannot be watched from there");
    } else {
        execvp(argv[2], argv + 2);
        error_errno(&e, argv[2], "cannot be run");
    }
    log_error(&e);
    return 127;
}
