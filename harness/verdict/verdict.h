/* From a history to a verdict: figures, judges, thresholds, validity. Pure: the same run directory
 * gives the same verdict again, without a server.
 *
 * A violated invariant fails the run whatever else is wrong with it; then a threshold that ended it
 * early makes it missed, since all that it lacks it lacks for that; then anything that makes the
 * run prove nothing makes it invalid; then broken thresholds. The verdict refers to the scenario
 * and the history, which must outlive it. */
#ifndef ORDEAL_VERDICT_VERDICT_H
#define ORDEAL_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "history/operations.h"
#include "history/reader.h"
#include "judges/judge.h"
#include "plan/operation_figures.h"
#include "plan/scenario.h"

typedef enum {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_INVALID,
    VERDICT_MISSED,
    VERDICT_INTERRUPTED
} verdict_kind;

enum {
    EXIT_PASS = 0,
    EXIT_VIOLATED = 1,
    EXIT_USAGE = 2,
    EXIT_INVALID = 3,
    EXIT_MISSED = 99,
    EXIT_INTERRUPTED = 105,
    EXIT_INTERNAL = 109
};

/* In the reason of a run that is invalid because this machine cannot inject what it asks for. */
#define VERDICT_SKIPPED      " was skipped: "
#define VERDICT_REASONS_MOST 16
#define VERDICT_REASON_SIZE  320
#define FAILURE_ROWS_MOST    64

typedef struct {
    uint8_t type;
    uint8_t failure;
    uint16_t status;
    uint64_t count;
} failure_row;

typedef struct {
    const judge *judge;
    judge_finding finding;
    bool always_on; /* not asked for by the scenario */
} verdict_invariant;

typedef struct {
    const threshold *threshold;
    double value;
    bool measured;
    bool holds;
} verdict_threshold;

typedef struct {
    verdict_kind kind;
    const scenario *scenario;
    const history *history;
    uint64_t operations;
    uint64_t dropped;
    uint64_t load_begin;
    uint64_t load_end;
    uint64_t first_fault; /* HISTORY_NEVER: none */
    size_t aborted_by;    /* the threshold that ended the load, its place from 1; 0: none */
    uint64_t aborted_at;
    uint64_t resident_most;
    uint64_t own_before; /* resident bytes of ordeal itself, before the load; 0: not recorded */
    uint64_t own_most;
    uint64_t own_last;
    uint64_t own_bound;
    operation_figures *figures;              /* OPERATION_COUNT of them */
    failure_row failures[FAILURE_ROWS_MOST]; /* most frequent first */
    size_t failure_count;
    verdict_invariant *invariants;
    size_t invariant_count;
    verdict_threshold *thresholds;                           /* scenario->threshold_count of them */
    char reasons[VERDICT_REASONS_MOST][VERDICT_REASON_SIZE]; /* why the run is invalid */
    size_t reason_count;
    char notes[VERDICT_REASONS_MOST][VERDICT_REASON_SIZE]; /* skipped and why, what was damaged */
    size_t note_count;
} verdict;

verdict *verdict_make(const scenario *s, const history *h, const char *run_directory);
void verdict_free(verdict *v);
const char *
verdict_name(verdict_kind kind); /* "pass", "fail", "invalid", "missed", "interrupted" */
int verdict_exit_code(verdict_kind kind);
const char *verdict_answer_name(judge_answer answer);

#endif
