/* error-budget: no more than the stated share of operations goes wrong.
 *
 * Not counted: refused conditions (412) and ranges (416), refusals of invalid requests, and what
 * the client itself gave up. Operations during declared faults count like all others: the budget
 * says how much they may cost. */
#include <inttypes.h>
#include <stdlib.h>

#include "history/operations.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"share", PARAMETER_FRACTION, "1%", "of all operations that may not be ok", NULL},
};
enum { SHARE };

#define KINDS_MOST  32
#define KINDS_SHOWN 4

typedef struct {
    uint64_t count;
    uint8_t type;
    uint8_t failure;
    uint16_t status;
} wrong_kind;

static int by_count(const void *a, const void *b)
{
    uint64_t x = ((const wrong_kind *)a)->count;
    uint64_t y = ((const wrong_kind *)b)->count;
    return (x < y) - (x > y);
}

static bool counted(const history_record *r)
{
    return r->kind == RECORD_OPERATION && r->type != OPERATION_GARBAGE &&
           r->type != OPERATION_READY && r->status != 412 && r->status != 416 &&
           r->failure != FAILURE_ABANDONED && r->failure != FAILURE_INTERRUPTED;
}

/* What went wrong how often, most frequent first. */
static void show_kinds(const judge_input *in, judge_finding *out)
{
    wrong_kind kinds[KINDS_MOST] = {0};
    size_t count = 0;
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        size_t k = 0;
        if (!counted(&r) || r.outcome == OUTCOME_OK)
            continue;
        while (k < count && (kinds[k].type != r.type || kinds[k].failure != r.failure ||
                             kinds[k].status != r.status))
            k++;
        if (k == KINDS_MOST)
            continue;
        count += k == count;
        kinds[k] = (wrong_kind){kinds[k].count + 1, r.type, r.failure, r.status};
    }
    qsort(kinds, count, sizeof kinds[0], by_count);
    for (size_t k = 0; k < count && k < KINDS_SHOWN; k++)
        finding_step(out, HISTORY_NEVER, EVIDENCE_NO_RECORD, "in all: %" PRIu64 " x %s, %s %u",
                     kinds[k].count, operation_row_of(kinds[k].type)->name,
                     failure_name(kinds[k].failure), kinds[k].status);
}

static void examine(const judge_input *in, judge_finding *out)
{
    double share = in->values[SHARE].real;
    uint64_t bad = 0;
    size_t first_bad = SIZE_MAX;
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (!counted(&r))
            continue;
        out->examined++;
        if (r.outcome == OUTCOME_OK)
            continue;
        bad++;
        first_bad = first_bad == SIZE_MAX ? i : first_bad;
    }
    if (out->examined == 0) {
        finding_doubt(out, "there were no operations");
        return;
    }
    double real = (double)bad / (double)out->examined;
    if (real <= share) {
        finding_hold(out,
                     "%" PRIu64 " of %" PRIu64 " operations went wrong, %.3f %% of %.3f %% allowed",
                     bad, out->examined, real * 100, share * 100);
        return;
    }
    finding_violate(out, history_get(in->history, first_bad).finish,
                    "%" PRIu64 " of %" PRIu64
                    " operations went wrong, %.3f %% and not the allowed %.3f %%",
                    bad, out->examined, real * 100, share * 100);
    evidence_show(in, out, first_bad);
    show_kinds(in, out);
}

const judge judge_error_budget = {
    .name = "error-budget",
    .definition = "At most the stated share of operations fails or stays unknown.",
    .needs = "operations",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
