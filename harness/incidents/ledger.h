/* What trials add up to: for each defect and scenario how often it was caught, by what, how soon;
 * for each scenario how often the clean server passed. Owned by the caller; ledger_free releases
 * it. */
#ifndef ORDEAL_INCIDENTS_LEDGER_H
#define ORDEAL_INCIDENTS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "incidents/trial.h"

typedef struct {
    const incident *defect; /* NULL: the clean server */
    const incident *scenario;
    size_t runs;
    size_t passes;
    size_t skipped;    /* this machine lacks what the scenario needs */
    size_t caught;     /* by the invariant that the defect's story names */
    size_t failed;     /* by any invariant */
    double *seconds;   /* to detection, one for each caught; sorted by ledger_median */
    char broken[256];  /* every invariant that was violated in some run */
    char trouble[400]; /* of the first run that did not come out as it should */
    char directory[TRIAL_PATH_SIZE]; /* of that run */
} ledger_row;

typedef struct {
    ledger_row *rows;
    size_t count;
    size_t seeds;
} ledger;

ledger *ledger_create(size_t rows, size_t seeds);
void ledger_free(ledger *l);
/* Rows stand in the order in which they are expected. */
void ledger_expect(ledger *l, const incident *defect, const incident *scenario);
void ledger_take(ledger *l, const trial *t);
/* NULL: no such trial. */
const ledger_row *ledger_row_of(const ledger *l, const incident *defect, const incident *scenario);
double ledger_median(const ledger_row *row); /* seconds to detection; 0 when never caught */
/* As it should: the defect caught by its own scenario, the clean server passed. Skipped: nothing
 * was shown either way, for want of what this machine lacks. */
typedef enum { LEDGER_GOOD, LEDGER_SKIPPED, LEDGER_BAD } ledger_state;
ledger_state ledger_row_state(const ledger_row *row);
/* The worst of all rows. */
ledger_state ledger_state_of(const ledger *l);

/* One line: which scenario cannot be run here, why, and what helps. */
void ledger_write_skip(const ledger_row *row, buffer *out);
void ledger_write_text(const ledger *l, buffer *out);
void ledger_write_markdown(const ledger *l, buffer *out);
void ledger_write_json(const ledger *l, buffer *out);
void ledger_write_junit(const ledger *l, buffer *out);
/* Which scenarios catch which defects. */
void ledger_write_cross(const ledger *l, buffer *out);

#endif
