/* Recorded traffic as a scenario: an access log is read twice, and what it says about timing,
 * sizes, paths and mix becomes a group of `mixed` clients.
 *
 * Memory is bounded whatever the log: the paths kept have a most, sizes are a sample of those that
 * came. */
#ifndef ORDEAL_TRAFFIC_TRAFFIC_H
#define ORDEAL_TRAFFIC_TRAFFIC_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct {
    const char *name;   /* of the scenario */
    const char *target; /* that it names */
    uint64_t within;    /* nanoseconds that the load takes; 0: as long as the log */
} traffic_options;

typedef struct {
    uint64_t lines;
    uint64_t understood;
    uint64_t left_out;  /* understood, but no operation of files: other methods, refused requests */
    uint64_t too_large; /* sizes above what a scenario's files may have, taken for that */
    uint64_t first_bad; /* number of the first line that was not understood; 0: none */
    uint64_t paths;
} traffic_figures;

/* Appends the scenario to `out`. ERROR_USAGE when the log cannot be read or says too little. */
bool traffic_import(const char *path, const traffic_options *options, traffic_figures *figures,
                    buffer *out, error *e);

#endif
