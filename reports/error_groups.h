/* What was not ok in a history, by operation, kind, status and the answer's own code, with samples.
 * At most ERROR_GROUPS_MOST groups; the rest is counted in `others`. */
#ifndef ORDEAL_REPORTS_ERROR_GROUPS_H
#define ORDEAL_REPORTS_ERROR_GROUPS_H

#include "base/json_writer.h"
#include "history/reader.h"

#define ERROR_GROUPS_MOST  256
#define ERROR_SAMPLES_MOST 20

typedef struct {
    uint8_t type;
    uint8_t failure;
    uint16_t status;
    uint32_t detail; /* name number of the answer's code */
    uint64_t count;
    uint64_t unknown; /* of these, writes with an unknown outcome */
    uint64_t first;
    uint64_t last;
    size_t samples[ERROR_SAMPLES_MOST]; /* records: the first ones */
    size_t sample_count;
} error_group;

typedef struct {
    error_group groups[ERROR_GROUPS_MOST]; /* most frequent first */
    size_t count;
    uint64_t operations; /* of the whole history */
    uint64_t bad;
    uint64_t others;
} error_groups;

/* Released by free(). `samples`: of each group, at most ERROR_SAMPLES_MOST. */
error_groups *error_groups_gather(const history *h, size_t samples);
void error_groups_print(const error_groups *g, const history *h, uint64_t seed, buffer *out);
void error_groups_write(const error_groups *g, const history *h, uint64_t seed, json_writer *w);

#endif
