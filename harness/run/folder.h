/* The run's own directory and the data directory inside it. */
#ifndef ORDEAL_RUN_FOLDER_H
#define ORDEAL_RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Makes runs/<time>-<name>; when that exists, -2, -3 ... behind it. */
bool folder_make(const char *runs, const char *name, char *out, size_t size, error *e);

#endif
