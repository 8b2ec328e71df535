#include "verdict/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "judges/index.h"
#include "verdict/figures.h"
#include "verdict/validity.h"

/* Judged whether the scenario asks or not. */
static const char *const always[] = {"recovery", "process-hygiene"};
#define ALWAYS_COUNT (sizeof always / sizeof always[0])

const char *verdict_name(verdict_kind kind)
{
    static const char *const names[] = {"pass", "fail", "invalid", "missed", "interrupted"};
    CHECK((unsigned)kind < sizeof names / sizeof names[0]);
    return names[kind];
}

int verdict_exit_code(verdict_kind kind)
{
    static const int codes[] = {EXIT_PASS, EXIT_VIOLATED, EXIT_INVALID, EXIT_MISSED,
                                EXIT_INTERRUPTED};
    CHECK((unsigned)kind < sizeof codes / sizeof codes[0]);
    return codes[kind];
}

const char *verdict_answer_name(judge_answer answer)
{
    static const char *const names[] = {"holds", "violated", "not proven"};
    CHECK((unsigned)answer < sizeof names / sizeof names[0]);
    return names[answer];
}

static bool listed(const scenario *s, const judge *j)
{
    for (size_t i = 0; i < s->invariant_count; i++)
        if (s->invariants[i].judge == j)
            return true;
    return false;
}

static void ask(verdict *v, const judge_input *in, const judge *j, bool always_on)
{
    verdict_invariant *entry = &v->invariants[v->invariant_count++];
    *entry = (verdict_invariant){.judge = j, .always_on = always_on};
    /* Until the judge says otherwise, nothing is proven. */
    entry->finding.answer = ANSWER_NOT_PROVEN;
    j->examine(in, &entry->finding);
}

static void ask_judges(verdict *v, const history_index *x, const char *run_directory)
{
    const scenario *s = v->scenario;
    char log[512];
    snprintf(log, sizeof log, "%s/target.log", run_directory);
    judge_input in = {
        .history = v->history,
        .index = x,
        .seed = s->seed,
        .target_log_path = log,
        .run_directory = run_directory,
        .memory_limit = s->target.memory_limit,
    };
    for (size_t i = 0; i < s->invariant_count; i++) {
        in.values = s->invariants[i].values;
        ask(v, &in, s->invariants[i].judge, false);
    }
    in.values = NULL;
    for (size_t i = 0; i < ALWAYS_COUNT; i++) {
        const judge *j = judge_named(always[i]);
        CHECK(j != NULL && j->parameter_count == 0);
        if (!listed(s, j))
            ask(v, &in, j, true);
    }
}

static bool was_interrupted(const verdict *v, const history_index *x)
{
    record_list events = index_events(x);
    for (size_t i = 0; i < events.count; i++)
        if (history_get(v->history, events.records[i]).type == EVENT_INTERRUPT)
            return true;
    return false;
}

static verdict_kind decide(const verdict *v, const history_index *x)
{
    if (was_interrupted(v, x))
        return VERDICT_INTERRUPTED;
    for (size_t i = 0; i < v->invariant_count; i++)
        if (v->invariants[i].finding.answer == ANSWER_VIOLATED)
            return VERDICT_FAIL;
    if (v->aborted_by > 0)
        return VERDICT_MISSED;
    if (v->reason_count > 0)
        return VERDICT_INVALID;
    for (size_t i = 0; i < v->scenario->threshold_count; i++)
        if (!v->thresholds[i].holds)
            return VERDICT_MISSED;
    return VERDICT_PASS;
}

verdict *verdict_make(const scenario *s, const history *h, const char *run_directory)
{
    verdict *v = memory_zeroed(1, sizeof *v);
    v->scenario = s;
    v->history = h;
    v->figures = operation_figures_create();
    v->invariants = memory_zeroed(s->invariant_count + ALWAYS_COUNT, sizeof *v->invariants);
    v->thresholds = memory_zeroed(s->threshold_count, sizeof *v->thresholds);
    history_index *x = history_index_build(h);
    figures_take(v);
    ask_judges(v, x, run_directory);
    validity_check(v, x);
    figures_check_thresholds(v);
    v->kind = decide(v, x);
    history_index_free(x);
    return v;
}

void verdict_free(verdict *v)
{
    if (v == NULL)
        return;
    free(v->figures);
    free(v->invariants);
    free(v->thresholds);
    free(v);
}
