/* How the operations of a recorded run were answered: per kind of operation, how often in which
 * way, and how fast. */
#ifndef ORDEAL_QUALIFY_ANSWERS_H
#define ORDEAL_QUALIFY_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/histogram.h"
#include "history/record.h"

#define ANSWER_KINDS_MOST 24 /* rarer ones count as the last */

typedef struct {
    outcome outcome;
    failure failure;
    uint16_t status;
    uint64_t count;
} answer_kind;

typedef struct {
    uint64_t count;
    answer_kind kinds[ANSWER_KINDS_MOST];
    size_t kind_count;
    histogram latency; /* of those that were ok */
} answers;

typedef struct {
    answers of[OPERATION_COUNT];
} run_answers;

/* Of the run in `directory`; the caller frees it. NULL with an error when it has no history. */
run_answers *answers_read(const char *directory, error *e);
/* "ok 201", "failed 412", "unknown timeout". */
void answer_kind_text(const answer_kind *k, char out[48]);
/* How many of `a` were answered so. */
uint64_t answers_of_kind(const answers *a, const answer_kind *k);

#endif
