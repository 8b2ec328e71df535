/* What a command is: one file that ends in one `const command`, one row in main.c. */
#ifndef ORDEAL_COMMANDS_COMMAND_H
#define ORDEAL_COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    const char *name;
    const char *usage;
    const char *description;
    /* argv[0] is the command's name. Returns the exit code; false text in *e makes main print it
     * and choose 2 or 109. */
    int (*run)(int argc, char **argv, error *e);
} command;

/* The exit code for a failure: 2 for usage, target and what this machine cannot do, 105 for an
 * interrupt, 109 otherwise. */
int command_failed(const error *e);

#endif
