/* Flags of commands by table: --name VALUE, --name=VALUE, --name; everything else is an operand. */
#ifndef ORDEAL_COMMANDS_FLAGS_H
#define ORDEAL_COMMANDS_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define FLAG_TIMES_MOST 32 /* of one flag */

typedef struct {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for its value in the help; NULL: it takes none */
    const char *description;
    const char *given[FLAG_TIMES_MOST]; /* filled by flags_read; "" for one without value */
    size_t count;
    bool again; /* may be given more than once */
} flag;

/* Operands are moved to the front of argv from argv[1] on; *operands is how many. ERROR_USAGE for
 * an unknown flag, and for one with a value that is given twice. */
bool flags_read(flag *flags, size_t count, int argc, char **argv, int *operands, error *e);
void flags_help(const flag *flags, size_t count);

#endif
