/* Whether libfaketime has the clock of the programs that it was loaded for. It replaces functions
 * of the C library: static programs have none, and Go's ask the kernel without it. */
#ifndef ORDEAL_CHAOS_CLOCK_REACH_H
#define ORDEAL_CHAOS_CLOCK_REACH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* Looks at `program` and all below it, which must have been started with it; ERROR_UNABLE names the
 * one that it does not reach. */
bool faketime_reaches(pid_t program, error *e);

#endif
