#include "reports/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "base/timing.h"
#include "base/units.h"

#define CHANCE_MOST     0.05
#define EFFECT_LEAST    0.474 /* "large", after Romano and others */
#define BLOCK_TOLERANCE 0.25  /* runs of one machine drift by as much between them */

/* --- what may be compared --- */

typedef struct {
    char text[440];
    size_t used;
} objections;

__attribute__((format(printf, 2, 3))) static void object(objections *o, const char *format, ...)
{
    va_list values;
    if (o->used > 0 && o->used + 2 < sizeof o->text)
        o->used += (size_t)snprintf(o->text + o->used, sizeof o->text - o->used, "; ");
    va_start(values, format);
    int more = vsnprintf(o->text + o->used, sizeof o->text - o->used, format, values);
    va_end(values);
    size_t length = more > 0 ? (size_t)more : 0;
    o->used = o->used + length < sizeof o->text ? o->used + length : sizeof o->text - 1;
}

static void check_pair(const run_figures *a, const run_figures *b, bool any_host, objections *o)
{
    double longer = fmax(a->load_seconds, b->load_seconds);
    if (strcmp(a->scenario, b->scenario) != 0)
        object(o, "scenarios differ: %.60s, %.60s", a->scenario, b->scenario);
    else if (strcmp(a->plan, b->plan) != 0)
        object(o, "the scenario %.60s is not the same in both (clients, faults, data or bounds)",
               a->scenario);
    if (!any_host && strcmp(a->host, b->host) != 0)
        object(o, "machines differ: %.60s; %.60s (--any-host compares all the same)", a->host,
               b->host);
    if (fabs(a->load_seconds - b->load_seconds) > 0.2 * longer)
        object(o, "the load lasted %.1f s and %.1f s", a->load_seconds, b->load_seconds);
}

static void check_run(const run_figures *r, objections *o)
{
    if (strcmp(r->verdict, "invalid") == 0 || strcmp(r->verdict, "interrupted") == 0)
        object(o, "%.80s is %s: it proves nothing", r->source, r->verdict);
}

static bool comparable(const run_list *base, const run_list *candidate, bool any_host, error *e)
{
    objections o = {.used = 0};
    for (size_t i = 0; i < base->count; i++)
        check_run(base->runs[i], &o);
    for (size_t i = 0; i < candidate->count; i++)
        check_run(candidate->runs[i], &o);
    for (size_t i = 1; i < base->count && o.used == 0; i++)
        check_pair(base->runs[0], base->runs[i], any_host, &o);
    for (size_t i = 0; i < candidate->count && o.used == 0; i++)
        check_pair(base->runs[0], candidate->runs[i], any_host, &o);
    return o.used == 0 || error_set(e, ERROR_USAGE, "not comparable", "%s", o.text);
}

/* --- rows --- */

static double *take_values(const run_list *l, const char *name, size_t *count)
{
    double *values = memory_take((l->count + 1) * sizeof *values);
    *count = 0;
    for (size_t i = 0; i < l->count; i++) {
        const run_figure *f = run_figure_of(l->runs[i], name);
        if (f != NULL)
            values[(*count)++] = f->value;
    }
    return values;
}

static double *take_blocks(const run_list *l, size_t kind, size_t *count)
{
    double *values = memory_take((l->count * BLOCKS_MOST + 1) * sizeof *values);
    *count = 0;
    for (size_t i = 0; i < l->count; i++)
        for (size_t b = 0; b < l->runs[i]->block_count; b++)
            values[(*count)++] = l->runs[i]->blocks[kind][b];
    return values;
}

static double share_changed(const comparison_row *row)
{
    if (row->base > 0 || row->base < 0)
        return (row->candidate - row->base) / fabs(row->base);
    return row->candidate > 0 ? INFINITY : 0;
}

static change_kind judge(const comparison_row *row, double tolerance)
{
    double change = share_changed(row);
    bool counts = row->test.p <= CHANCE_MOST && fabs(row->test.effect) >= EFFECT_LEAST &&
                  fabs(change) > tolerance;
    if (!counts)
        return CHANGE_NONE;
    return (change > 0) == row->bigger_is_better ? CHANGE_BETTER : CHANGE_WORSE;
}

static void add_row(run_comparison *c, const comparison_row *row, const double *a, size_t a_count,
                    const double *b, size_t b_count, double tolerance)
{
    if (a_count == 0 || b_count == 0 || c->count == ROWS_MOST)
        return;
    comparison_row *new = &c->rows[c->count++];
    *new = *row;
    new->base = statistics_median(a, a_count);
    new->candidate = statistics_median(b, b_count);
    if (a_count < RUNS_TESTED || b_count < RUNS_TESTED)
        return;
    new->test = statistics_rank_test(a, a_count, b, b_count);
    new->kind = judge(new, tolerance);
    c->worse += new->kind == CHANGE_WORSE;
}

static void compare_figures(const run_list *base, const run_list *candidate, double tolerance,
                            run_comparison *c)
{
    for (size_t i = 0; i < base->runs[0]->count; i++) {
        const run_figure *f = &base->runs[0]->figures[i];
        comparison_row row = {.bigger_is_better = f->bigger_is_better};
        size_t a_count;
        size_t b_count;
        double *a = take_values(base, f->name, &a_count);
        double *b = take_values(candidate, f->name, &b_count);
        snprintf(row.name, sizeof row.name, "%s", f->name);
        snprintf(row.unit, sizeof row.unit, "%s", f->unit);
        add_row(c, &row, a, a_count, b, b_count, tolerance);
        free(a);
        free(b);
    }
}

static void compare_blocks(const run_list *base, const run_list *candidate, double tolerance,
                           run_comparison *c)
{
    static const char *const names[BLOCK_KINDS] = {"all rate", "all p50", "all p99"};
    for (size_t kind = 0; kind < BLOCK_KINDS; kind++) {
        comparison_row row = {.bigger_is_better = kind == 0, .by_blocks = true};
        size_t a_count;
        size_t b_count;
        double *a = take_blocks(base, kind, &a_count);
        double *b = take_blocks(candidate, kind, &b_count);
        snprintf(row.name, sizeof row.name, "%s", names[kind]);
        snprintf(row.unit, sizeof row.unit, "%s", kind == 0 ? "/s" : "ns");
        add_row(c, &row, a, a_count, b, b_count, fmax(tolerance, BLOCK_TOLERANCE));
        free(a);
        free(b);
    }
}

static bool has_failed(const run_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->runs[i]->verdict, "fail") == 0)
            return true;
    return false;
}

bool comparison_make(const run_list *base, const run_list *candidate,
                     const comparison_options *options, run_comparison *out, error *e)
{
    *out = (run_comparison){.base_runs = base->count, .candidate_runs = candidate->count};
    if (base->count == 0 || candidate->count == 0)
        return error_set(e, ERROR_USAGE, "not comparable", "there is no run on one of the sides");
    if (!comparable(base, candidate, options->any_host, e))
        return false;
    if (base->count < RUNS_TESTED || candidate->count < RUNS_TESTED)
        compare_blocks(base, candidate, options->tolerance, out);
    compare_figures(base, candidate, options->tolerance, out);
    out->verdict_worse = has_failed(candidate) && !has_failed(base);
    return true;
}

bool comparison_regressed(const run_comparison *c)
{
    return c->worse > 0 || c->verdict_worse;
}

/* --- telling --- */

char *comparison_show(double value, const char *unit, char text[32])
{
    if (strcmp(unit, "ns") == 0)
        return units_show_duration((uint64_t)fmax(value, 0), text);
    if (strcmp(unit, "B") == 0)
        return units_show_size((uint64_t)fmax(value, 0), text);
    if (strcmp(unit, "s") == 0)
        return units_show_duration((uint64_t)(fmax(value, 0) * (double)NANOSECONDS_PER_SECOND),
                                   text);
    if (unit[0] == '\0')
        snprintf(text, 32, "%.2f %%", value * 100);
    else
        snprintf(text, 32, value >= 100 ? "%.0f%s" : "%.3g%s", value, unit);
    return text;
}

static const char *change_name(change_kind kind)
{
    static const char *const names[] = {"untested", "same", "better", "worse"};
    return names[kind];
}

static void print_row(const comparison_row *row, buffer *out)
{
    char base[32];
    char candidate[32];
    double change = share_changed(row) * 100;
    buffer_printf(out, "  %-26s %12s %12s  ", row->name,
                  comparison_show(row->base, row->unit, base),
                  comparison_show(row->candidate, row->unit, candidate));
    if (isfinite(change))
        buffer_printf(out, "%+8.1f %%", change);
    else
        buffer_printf(out, "%10s", "new");
    if (row->kind == CHANGE_UNTESTED)
        buffer_text_append(out, "                          untested\n");
    else
        buffer_printf(out, "   p %.4f  effect %+.2f  %s%s\n", row->test.p, row->test.effect,
                      change_name(row->kind), row->by_blocks ? " (blocks)" : "");
}

void comparison_print(const run_comparison *c, buffer *out)
{
    buffer_printf(out, "  %-26s %12s %12s  %10s\n", "median of", "base line", "candidate",
                  "change");
    for (size_t i = 0; i < c->count; i++)
        print_row(&c->rows[i], out);
    buffer_printf(out, "\n%zu run%s against %zu", c->base_runs, c->base_runs == 1 ? "" : "s",
                  c->candidate_runs);
    if (c->base_runs < RUNS_TESTED || c->candidate_runs < RUNS_TESTED)
        buffer_printf(out,
                      ": too few to test each figure (%d on each side are enough). Blocks of the "
                      "load were tested instead;\nthey share their run's luck, so only a change "
                      "beyond %.0f %% counts",
                      RUNS_TESTED, BLOCK_TOLERANCE * 100);
    buffer_text_append(out, ".\n");
    if (c->verdict_worse)
        buffer_text_append(out,
                           "worse: an invariant is violated that the base line did not violate\n");
    buffer_printf(out, "%s\n", comparison_regressed(c) ? "regression" : "no regression");
}

void comparison_write(const run_comparison *c, buffer *out)
{
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", 1);
    writer_put_whole(&w, "base_runs", c->base_runs);
    writer_put_whole(&w, "candidate_runs", c->candidate_runs);
    writer_put_bool(&w, "regressed", comparison_regressed(c));
    writer_put_bool(&w, "verdict_worse", c->verdict_worse);
    writer_key(&w, "figures");
    writer_array(&w);
    for (size_t i = 0; i < c->count; i++) {
        const comparison_row *row = &c->rows[i];
        writer_object(&w);
        writer_put_text(&w, "name", row->name);
        writer_put_text(&w, "unit", row->unit);
        writer_put_real(&w, "base", row->base);
        writer_put_real(&w, "candidate", row->candidate);
        writer_put_bool(&w, "by_blocks", row->by_blocks);
        writer_put_text(&w, "change", change_name(row->kind));
        if (row->kind != CHANGE_UNTESTED) {
            writer_put_real(&w, "p", row->test.p);
            writer_put_real(&w, "effect", row->test.effect);
        }
        writer_object_end(&w);
    }
    writer_array_end(&w);
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}
