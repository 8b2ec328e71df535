/* What a judge is: one invariant = one file that ends in one `const judge`, and one row in
 * judges.c.
 *
 * A judge is a pure function of the history: same history, same finding, no server, no clock. It
 * answers holds, violated (with the smallest evidence that a person believes) or not proven (what
 * it could not see, and why). A run with a violated invariant fails; one with a not-proven
 * invariant is invalid. */
#ifndef ORDEAL_JUDGES_JUDGE_H
#define ORDEAL_JUDGES_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parameters.h"
#include "history/reader.h"

#define EVIDENCE_MOST      16 /* steps of one finding */
#define EVIDENCE_LINE_SIZE 400
#define EVIDENCE_NO_RECORD SIZE_MAX

typedef enum { ANSWER_HOLDS, ANSWER_VIOLATED, ANSWER_NOT_PROVEN } judge_answer;

/* The history with the orders that judges share, built once (index.h). */
typedef struct history_index history_index;

/* One thing that a person is shown, once: a record of the history in words, or what the judge adds.
 */
typedef struct {
    uint64_t at;   /* when, nanoseconds; steps stand in this order. HISTORY_NEVER: what sums up */
    size_t record; /* index in the history; EVIDENCE_NO_RECORD: there is none */
    char line[EVIDENCE_LINE_SIZE];
} evidence_step;

typedef struct {
    judge_answer answer;
    char sentence[400]; /* what holds, is violated, or could not be seen; names key and operation */
    uint64_t examined;  /* operations, parts or samples that the answer rests on */
    uint64_t violations; /* how many; the steps show the one that could be seen first */
    uint64_t
        first_at; /* when the first violation could be seen, nanoseconds; for time to detection */
    evidence_step steps[EVIDENCE_MOST];
    size_t step_count;
} judge_finding;

typedef struct {
    const history *history;
    const history_index *index;
    const parameter_value *values; /* in the order of judge.parameters */
    /* Facts of the run that are not in the history. */
    uint64_t seed;
    const char *target_log_path; /* NULL when there is none */
    const char *run_directory;
    uint64_t memory_limit; /* bytes; 0: none */
    bool power_cuts;       /* the plan has power cuts: durability reports them apart */
} judge_input;

typedef struct {
    const char *name;       /* "read-integrity" */
    const char *definition; /* exact, one or two sentences, for `ordeal list invariants` */
    const char *needs;      /* what a history must hold for it to be proven */
    const parameter *parameters;
    size_t parameter_count;
    void (*examine)(const judge_input *in, judge_finding *out);
} judge;

/* judges.c: the one table. */
extern const judge *const judges[];
extern const size_t judge_count;
const judge *judge_named(const char *name);

/* Help for members: each fills the finding. */
void finding_hold(judge_finding *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_doubt(judge_finding *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Counts a violation; true when none was seen earlier: then its steps are to be added, and those of
 * any other are gone. */
bool finding_violate(judge_finding *out, uint64_t seen_at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a step at its place in time; beyond EVIDENCE_MOST it is left out. */
void finding_step(judge_finding *out, uint64_t at, size_t record, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
