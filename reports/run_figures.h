/* What runs are compared by: figures of one run, from its directory or from a base line file that
 * holds those of several.
 *
 * A base line file is JSON: { "schema": 1, "kind": "ordeal base line", "runs": [ ... ] }, made for
 * a repository: it holds figures and what makes runs comparable, nothing else. */
#ifndef ORDEAL_REPORTS_RUN_FIGURES_H
#define ORDEAL_REPORTS_RUN_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define FIGURES_MOST 160 /* of one run */
#define BLOCKS_MOST  64
#define BLOCK_KINDS  3 /* throughput, p50, p99 */

typedef struct {
    char name[48]; /* "put p99" */
    char unit[8];  /* "ns", "/s", "B", "s", "" for a share */
    bool bigger_is_better;
    double value;
} run_figure;

typedef struct {
    char source[256]; /* run directory, or file */
    char scenario[128];
    char plan[17]; /* hash of the resolved scenario without target and seed */
    char target[64];
    char host[128]; /* "x86_64, 2 processors, 24 GiB" */
    char verdict[16];
    char began[32];
    char seed[24];
    double load_seconds;
    run_figure figures[FIGURES_MOST];
    size_t count;
    double blocks[BLOCK_KINDS][BLOCKS_MOST];
    size_t block_count;
} run_figures;

extern const char *const block_names[BLOCK_KINDS];

typedef struct {
    run_figures **runs;
    size_t count;
    size_t capacity;
} run_list;

/* Adds the run of a directory, or all runs of a base line file. ERROR_USAGE when it is neither. */
bool run_list_add(run_list *l, const char *path, error *e);
/* Adds every run in the folder, by the time that they began; what is no finished run is left out
 * and counted. */
bool run_list_add_folder(run_list *l, const char *folder, size_t *left_out, error *e);
void run_list_free(run_list *l);
/* NULL when it has none of that name. */
const run_figure *run_figure_of(const run_figures *r, const char *name);

/* As a base line file. */
void run_list_write(const run_list *l, buffer *out);

#endif
