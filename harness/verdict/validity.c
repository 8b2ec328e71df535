#include "verdict/validity.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"

#define STEADY_LEAST  10   /* operations that must have ended before the first fault */
#define STEADY_ERRORS 0.10 /* and how many of them may fail */

__attribute__((format(printf, 3, 0))) static void
put_line(char lines[][VERDICT_REASON_SIZE], size_t *count, const char *format, va_list values)
{
    if (*count < VERDICT_REASONS_MOST)
        vsnprintf(lines[(*count)++], VERDICT_REASON_SIZE, format, values);
}

void verdict_reason(verdict *v, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    put_line(v->reasons, &v->reason_count, format, values);
    va_end(values);
}

void verdict_note(verdict *v, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    put_line(v->notes, &v->note_count, format, values);
    va_end(values);
}

static void check_complete(verdict *v)
{
    const char *damage = history_damage(v->history);
    if (!history_complete(v->history))
        verdict_reason(v, "the history is incomplete: %s",
                       damage != NULL ? damage : "the run was cut short");
}

/* Every operation type that some behaviour of the plan makes must have worked at least once. */
static void check_operations(verdict *v)
{
    const scenario *s = v->scenario;
    uint32_t wanted = 0;
    for (size_t i = 0; i < s->group_count; i++)
        wanted |= s->groups[i].behaviour->operations;
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        if ((wanted >> type & 1) && f->ok == 0)
            verdict_reason(v, "no %s ever succeeded (%" PRIu64 " failed, %" PRIu64 " unknown)",
                           operation_row_of(type)->name, f->failed, f->unknown);
    }
}

/* Answers that say how things are, not that something is wrong: taken, gone, not as expected. Nor
 * has the target done anything to a client that walked away. */
static bool orderly(const history_record *r)
{
    if (r->failure == FAILURE_ABANDONED)
        return true;
    static const unsigned statuses[] = {404, 409, 410, 412, 413, 416};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (r->failure == FAILURE_STATUS && r->status == statuses[i])
            return true;
    return r->failure == FAILURE_ABANDONED || r->failure == FAILURE_INTERRUPTED;
}

/* No usable answer, or one that says that the target is in trouble; a full quota is not. */
static bool unserved(const history_record *r)
{
    if (r->failure == FAILURE_STATUS)
        return r->status >= 500 && r->status != 507;
    return r->failure != FAILURE_NONE && r->failure != FAILURE_CONTENT && !orderly(r);
}

/* A target that does not serve although nothing is broken shows little of what it does when
 * something is. */
static void check_served(verdict *v)
{
    uint64_t done = 0;
    uint64_t bad = 0;
    for (size_t i = 0; i < history_count(v->history) && v->first_fault == HISTORY_NEVER; i++) {
        history_record r = history_get(v->history, i);
        done += r.kind == RECORD_OPERATION;
        bad += r.kind == RECORD_OPERATION && unserved(&r);
    }
    if ((double)bad > STEADY_ERRORS * (double)done)
        verdict_reason(v,
                       "no steady state although nothing was broken: %" PRIu64 " of %" PRIu64
                       " operations were not served",
                       bad, done);
    else if (bad > 0)
        verdict_note(
            v, "%" PRIu64 " of %" PRIu64 " operations were not served although nothing was broken",
            bad, done);
}

static void check_steady(verdict *v)
{
    uint64_t done = 0;
    uint64_t bad = 0;
    if (v->first_fault == HISTORY_NEVER)
        return;
    for (size_t i = 0; i < history_count(v->history); i++) {
        history_record r = history_get(v->history, i);
        if (r.kind != RECORD_OPERATION || r.finish >= v->first_fault)
            continue;
        done++;
        bad += r.outcome != OUTCOME_OK && !orderly(&r);
    }
    if (done < STEADY_LEAST)
        verdict_reason(v,
                       "no steady state before the first fault: only %" PRIu64
                       " operations had ended; begin it later",
                       done);
    else if ((double)bad > STEADY_ERRORS * (double)done)
        verdict_reason(v,
                       "no steady state before the first fault: %" PRIu64 " of %" PRIu64
                       " operations failed",
                       bad, done);
}

typedef struct {
    uint64_t begins;
    uint64_t ends;
    uint64_t hits;
    uint64_t began; /* the one under way */
    uint64_t active;
    bool skipped;
    char why[280];
} fault_story;

static void tell_fault(fault_story *story, const history *h, const history_record *r)
{
    if (r->type == FAULT_RECORD_SKIPPED || r->type == FAULT_RECORD_FAILED) {
        story->skipped = story->skipped || r->type == FAULT_RECORD_SKIPPED;
        snprintf(story->why, sizeof story->why, "%.270s", history_text(h, r->detail));
    }
    if (r->type == FAULT_RECORD_BEGIN) {
        story->begins++;
        story->began = r->invoke;
    } else if (r->type == FAULT_RECORD_END) {
        story->ends++;
        story->hits += r->value;
        story->active += r->invoke - story->began;
    }
}

static void judge_fault(verdict *v, const planned_fault *planned, const fault_story *story)
{
    const char *name = planned->fault.kind->name;
    char at[32];
    char length[32];
    units_show_duration(planned->at, at);
    units_show_duration(story->active, length);
    if (story->skipped && planned->optional)
        verdict_note(v, "skipped: fault %s: %s", name, story->why);
    else if (story->skipped)
        verdict_reason(v, "fault %s" VERDICT_SKIPPED "%s", name, story->why);
    else if (story->begins == 0 && v->aborted_by > 0 &&
             v->load_begin + scenario_real(v->scenario, planned->until_at) > v->aborted_at)
        verdict_note(v, "fault %s at %s was not reached", name, at);
    else if (story->begins == 0)
        verdict_reason(v, "fault %s at %s never began%s%s", name, at,
                       story->why[0] != '\0' ? ": " : "", story->why);
    else if (story->ends < story->begins)
        verdict_reason(v, "fault %s at %s was not healed%s%s", name, at,
                       story->why[0] != '\0' ? ": " : "", story->why);
    else if (story->hits == 0)
        verdict_reason(v, "fault %s never bit: the target met it no time in %s", name, length);
}

static void check_faults(verdict *v, const history_index *x)
{
    const scenario *s = v->scenario;
    fault_story *stories = memory_zeroed(s->fault_count, sizeof *stories);
    record_list faults = index_faults(x);
    for (size_t i = 0; i < faults.count; i++) {
        history_record r = history_get(v->history, faults.records[i]);
        if (r.expected < s->fault_count)
            tell_fault(&stories[r.expected], v->history, &r);
    }
    for (size_t i = 0; i < s->fault_count; i++)
        judge_fault(v, &s->faults[i], &stories[i]);
    free(stories);
}

/* What the harness had to say by the way: which clock, what was left undone. */
static void take_notes(verdict *v, const history_index *x)
{
    record_list events = index_events(x);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(v->history, events.records[i]);
        if (r.type == EVENT_NOTE)
            verdict_note(v, "%s", history_text(v->history, r.detail));
    }
}

void validity_check(verdict *v, const history_index *x)
{
    take_notes(v, x);
    check_complete(v);
    check_operations(v);
    check_steady(v);
    check_served(v);
    check_faults(v, x);
    for (size_t i = 0; i < v->invariant_count; i++)
        if (v->invariants[i].finding.answer == ANSWER_NOT_PROVEN)
            verdict_reason(v, "%s is not proven: %s", v->invariants[i].judge->name,
                           v->invariants[i].finding.sentence);
}
