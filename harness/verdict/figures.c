#include "verdict/figures.h"

#include <stdlib.h>

#include "base/timing.h"
#include "verdict/validity.h"

static void count_failure(verdict *v, const history_record *r)
{
    size_t i = 0;
    while (i < v->failure_count &&
           !(v->failures[i].type == r->type && v->failures[i].failure == r->failure &&
             v->failures[i].status == r->status))
        i++;
    if (i == FAILURE_ROWS_MOST)
        i--;
    else if (i == v->failure_count)
        v->failures[v->failure_count++] = (failure_row){r->type, r->failure, r->status, 0};
    v->failures[i].count++;
}

static void take_operation(verdict *v, const history_record *r)
{
    v->operations++;
    if (r->outcome != OUTCOME_OK)
        count_failure(v, r);
    operation_figures_add(v->figures, r);
}

static void take_own_memory(verdict *v, const history_record *r)
{
    if (v->own_before == 0)
        v->own_before = r->value;
    if (r->value > v->own_most)
        v->own_most = r->value;
    v->own_last = r->value;
    v->own_bound = r->size;
}

static void take_event(verdict *v, const history_record *r)
{
    if (r->type == EVENT_LOAD_BEGIN)
        v->load_begin = r->invoke;
    else if (r->type == EVENT_LOAD_END)
        v->load_end = r->invoke;
    else if (r->type == EVENT_DROPPED)
        v->dropped += r->value;
    else if (r->type == EVENT_OWN_MEMORY)
        take_own_memory(v, r);
    else if (r->type == EVENT_ABORTED && v->aborted_by == 0) {
        v->aborted_by = (size_t)r->value;
        v->aborted_at = r->invoke;
        verdict_note(v, "the load ended early by threshold %s",
                     history_text(v->history, r->detail));
    }
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = ((const failure_row *)a)->count;
    uint64_t y = ((const failure_row *)b)->count;
    return (x < y) - (x > y);
}

void figures_take(verdict *v)
{
    size_t count = history_count(v->history);
    uint64_t last = 0;
    v->first_fault = HISTORY_NEVER;
    for (size_t i = 0; i < count; i++) {
        history_record r = history_get(v->history, i);
        last = r.invoke > last ? r.invoke : last;
        if (r.kind == RECORD_OPERATION)
            take_operation(v, &r);
        else if (r.kind == RECORD_EVENT)
            take_event(v, &r);
        else if (r.kind == RECORD_SAMPLE && r.value > v->resident_most)
            v->resident_most = r.value;
        else if (r.kind == RECORD_FAULT && r.type == FAULT_RECORD_BEGIN &&
                 r.invoke < v->first_fault)
            v->first_fault = r.invoke;
    }
    if (v->load_end == 0)
        v->load_end = last;
    qsort(v->failures, v->failure_count, sizeof v->failures[0], by_count);
}

void figures_check_thresholds(verdict *v)
{
    const scenario *s = v->scenario;
    double seconds = (double)(v->load_end - v->load_begin) / (double)NANOSECONDS_PER_SECOND;
    for (size_t i = 0; i < s->threshold_count; i++) {
        const threshold *t = &s->thresholds[i];
        double value = 0;
        bool measured = operation_figures_value(v->figures, t, seconds, &value);
        /* What was broken when it ended the load stays broken, whatever the last answers did. */
        bool holds = measured && threshold_holds(t, value) && v->aborted_by != i + 1;
        v->thresholds[i] = (verdict_threshold){t, value, measured, holds};
    }
}
