#include "plan/operation_figures.h"

#include <stdlib.h>

#include "base/arena.h"

operation_figures *operation_figures_create(void)
{
    return memory_zeroed(OPERATION_COUNT, sizeof(operation_figures));
}

void operation_figures_add(operation_figures *table, const history_record *r)
{
    operation_figures *f = &table[r->type];
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

static bool meant(const threshold *t, unsigned type)
{
    return t->operation == OPERATION_NONE || t->operation == type;
}

static void add_up(const operation_figures *table, const threshold *t, operation_figures *sum)
{
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &table[type];
        if (!meant(t, type))
            continue;
        sum->ok += f->ok;
        sum->failed += f->failed;
        sum->unknown += f->unknown;
        if (f->latency.count == 0)
            continue;
        histogram_merge(&sum->latency, &f->latency);
        histogram_merge(&sum->corrected, &f->corrected);
    }
}

uint64_t operation_figures_counted(const operation_figures *table, const threshold *t)
{
    uint64_t count = 0;
    for (unsigned type = 1; type < OPERATION_COUNT; type++)
        if (meant(t, type))
            count += table[type].ok + table[type].failed + table[type].unknown;
    return count;
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

static bool measurable(const threshold *t, const operation_figures *f)
{
    if (t->figure == FIGURE_RATE || t->figure == FIGURE_COUNT)
        return true;
    return t->figure == FIGURE_ERRORS ? f->ok + f->failed + f->unknown > 0 : f->latency.count > 0;
}

bool operation_figures_value(const operation_figures *table, const threshold *t, double seconds,
                             double *value)
{
    operation_figures *sum = memory_zeroed(1, sizeof *sum);
    add_up(table, t, sum);
    bool measured = measurable(t, sum);
    if (measured)
        *value = figure_of(t, sum, seconds);
    free(sum);
    return measured;
}
