#include "verdict/figures.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"

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
    operation_figures *f = &v->figures[r->type];
    v->operations++;
    if (r->outcome != OUTCOME_OK)
        count_failure(v, r);
    f->failed += r->outcome == OUTCOME_FAILED;
    f->unknown += r->outcome == OUTCOME_UNKNOWN;
    if (r->outcome != OUTCOME_OK)
        return;
    f->ok++;
    if (r->flags & FLAG_FINAL)
        return;
    histogram_record(&f->latency, r->finish - r->invoke);
    histogram_record(&f->corrected, r->finish - r->invoke + r->late);
}

static void take_event(verdict *v, const history_record *r)
{
    if (r->type == EVENT_LOAD_BEGIN)
        v->load_begin = r->invoke;
    else if (r->type == EVENT_LOAD_END)
        v->load_end = r->invoke;
    else if (r->type == EVENT_DROPPED)
        v->dropped += r->value;
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

static void add_up(const verdict *v, operation_type only, operation_figures *sum)
{
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        if (only != OPERATION_NONE && only != type)
            continue;
        sum->ok += f->ok;
        sum->failed += f->failed;
        sum->unknown += f->unknown;
        histogram_merge(&sum->latency, &f->latency);
        histogram_merge(&sum->corrected, &f->corrected);
    }
}

static double figure_of(const threshold *t, const operation_figures *f, double seconds)
{
    uint64_t all = f->ok + f->failed + f->unknown;
    switch (t->figure) {
    case FIGURE_PERCENTILE:
        return (double)histogram_percentile(&f->latency, t->percentile);
    case FIGURE_CORRECTED:
        return (double)histogram_percentile(&f->corrected, t->percentile);
    case FIGURE_MEAN:
        return histogram_mean(&f->latency);
    case FIGURE_MOST:
        return (double)f->latency.most;
    case FIGURE_ERRORS:
        return all > 0 ? (double)(f->failed + f->unknown) / (double)all : 0;
    case FIGURE_RATE:
        return seconds > 0 ? (double)f->ok / seconds : 0;
    case FIGURE_COUNT:
        return (double)f->ok;
    }
    return 0;
}

/* A latency of nothing is no latency; rates and counts of nothing are zero. */
static bool measurable(const threshold *t, const operation_figures *f)
{
    if (t->figure == FIGURE_RATE || t->figure == FIGURE_COUNT)
        return true;
    return t->figure == FIGURE_ERRORS ? f->ok + f->failed + f->unknown > 0 : f->latency.count > 0;
}

void figures_check_thresholds(verdict *v)
{
    const scenario *s = v->scenario;
    double seconds = (double)(v->load_end - v->load_begin) / (double)NANOSECONDS_PER_SECOND;
    operation_figures *sum = memory_take(sizeof *sum);
    for (size_t i = 0; i < s->threshold_count; i++) {
        const threshold *t = &s->thresholds[i];
        *sum = (operation_figures){0};
        add_up(v, t->operation, sum);
        bool measured = measurable(t, sum);
        double value = measured ? figure_of(t, sum, seconds) : 0;
        v->thresholds[i] =
            (verdict_threshold){t, value, measured, measured && threshold_holds(t, value)};
    }
    free(sum);
}
