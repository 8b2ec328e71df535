/* One table of several qualifications: servers x capabilities, each cell opening its evidence. */
#ifndef ORDEAL_QUALIFY_MATRIX_H
#define ORDEAL_QUALIFY_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Reads qualify.json of each folder; writes matrix.html and matrix.md into `out`. */
bool matrix_make(const char *const *folders, size_t count, const char *out, error *e);

#endif
