#include "reports/trend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "reports/comparison.h"
#include "reports/page.h"
#include "reports/statistics.h"

#define PLANS_MOST 64

/* The runs of one plan on one kind of machine: only these stand in one line. */
typedef struct {
    run_figures **runs;
    size_t count;
} trend_line;

static bool same_line(const run_figures *a, const run_figures *b)
{
    return strcmp(a->plan, b->plan) == 0 && strcmp(a->host, b->host) == 0 &&
           strcmp(a->target, b->target) == 0;
}

static bool proves(const run_figures *r)
{
    return strcmp(r->verdict, "invalid") != 0 && strcmp(r->verdict, "interrupted") != 0;
}

/* Released by trend_lines_free. */
static trend_line *find_lines(const run_list *l, size_t *count)
{
    trend_line *lines = memory_zeroed(PLANS_MOST, sizeof *lines);
    *count = 0;
    for (size_t i = 0; i < l->count; i++) {
        size_t at = 0;
        if (!proves(l->runs[i]))
            continue;
        while (at < *count && !same_line(lines[at].runs[0], l->runs[i]))
            at++;
        if (at == PLANS_MOST)
            continue;
        if (at == *count) {
            lines[(*count)++].runs = memory_take(l->count * sizeof(run_figures *));
        }
        lines[at].runs[lines[at].count++] = l->runs[i];
    }
    return lines;
}

static void trend_lines_free(trend_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i].runs);
    free(lines);
}

/* The values of one figure; a run without it is left out. `at`: which run each is of. */
static size_t take_values(const trend_line *line, const char *name, double *values, size_t *at)
{
    size_t count = 0;
    for (size_t i = 0; i < line->count; i++) {
        const run_figure *f = run_figure_of(line->runs[i], name);
        if (f == NULL)
            continue;
        values[count] = f->value;
        at[count++] = i;
    }
    return count;
}

typedef struct {
    double *values;
    size_t *at;
    size_t count;
    size_t points[CHANGE_POINTS_MOST];
    size_t point_count;
} trend_series;

static trend_series take_series(const trend_line *line, const char *name)
{
    trend_series s = {.values = memory_take(line->count * sizeof *s.values),
                      .at = memory_take(line->count * sizeof *s.at)};
    s.count = take_values(line, name, s.values, s.at);
    s.point_count = statistics_change_points(s.values, s.count, TREND_BETWEEN, s.points);
    return s;
}

static void free_series(trend_series *s)
{
    free(s->values);
    free(s->at);
}

/* --- for people --- */

static void print_change(const trend_line *line, const run_figure *f, const trend_series *s,
                         size_t point, buffer *out)
{
    char before[32];
    char after[32];
    size_t from = point > 0 ? s->points[point - 1] : 0;
    size_t here = s->points[point];
    size_t to = point + 1 < s->point_count ? s->points[point + 1] : s->count;
    const run_figures *run = line->runs[s->at[here]];
    double old = statistics_median(s->values + from, here - from);
    double new = statistics_median(s->values + here, to - here);
    bool better = (new > old) == f->bigger_is_better;
    buffer_printf(out, "  %-26s %12s -> %-12s %s from %s on (%s)\n", f->name,
                  comparison_show(old, f->unit, before), comparison_show(new, f->unit, after),
                  better ? "better" : "worse", run->began, run->source);
}

void trend_print(const run_list *l, buffer *out)
{
    size_t line_count;
    trend_line *lines = find_lines(l, &line_count);
    for (size_t i = 0; i < line_count; i++) {
        const run_figures *first = lines[i].runs[0];
        size_t changes = 0;
        buffer_printf(out, "%s against %s, %zu runs, %s\n", first->scenario, first->target,
                      lines[i].count, first->host);
        for (size_t f = 0; f < first->count; f++) {
            trend_series s = take_series(&lines[i], first->figures[f].name);
            for (size_t point = 0; point < s.point_count; point++)
                print_change(&lines[i], &first->figures[f], &s, point, out);
            changes += s.point_count;
            free_series(&s);
        }
        if (lines[i].count < (size_t)2 * TREND_BETWEEN)
            buffer_printf(out, "  too few runs to see a change: %d are the least\n",
                          2 * TREND_BETWEEN);
        else if (changes == 0)
            buffer_text_append(out, "  no change\n");
    }
    trend_lines_free(lines, line_count);
}

/* --- the page --- */

static void write_series(const trend_line *line, const run_figure *f, json_writer *w)
{
    trend_series s = take_series(line, f->name);
    writer_object(w);
    writer_put_text(w, "name", f->name);
    writer_put_text(w, "unit", f->unit);
    writer_put_bool(w, "bigger_is_better", f->bigger_is_better);
    writer_key(w, "at");
    writer_array(w);
    for (size_t i = 0; i < s.count; i++)
        writer_whole(w, s.at[i]);
    writer_array_end(w);
    writer_key(w, "values");
    writer_array(w);
    for (size_t i = 0; i < s.count; i++)
        writer_real(w, s.values[i]);
    writer_array_end(w);
    writer_key(w, "changes");
    writer_array(w);
    for (size_t i = 0; i < s.point_count; i++)
        writer_whole(w, s.points[i]);
    writer_array_end(w);
    writer_object_end(w);
    free_series(&s);
}

static void write_line(const trend_line *line, json_writer *w)
{
    const run_figures *first = line->runs[0];
    writer_object(w);
    writer_put_text(w, "scenario", first->scenario);
    writer_put_text(w, "target", first->target);
    writer_put_text(w, "host", first->host);
    writer_key(w, "runs");
    writer_array(w);
    for (size_t i = 0; i < line->count; i++) {
        writer_object(w);
        writer_put_text(w, "source", line->runs[i]->source);
        writer_put_text(w, "began", line->runs[i]->began);
        writer_put_text(w, "verdict", line->runs[i]->verdict);
        writer_put_text(w, "seed", line->runs[i]->seed);
        writer_object_end(w);
    }
    writer_array_end(w);
    writer_key(w, "series");
    writer_array(w);
    for (size_t f = 0; f < first->count; f++)
        write_series(line, &first->figures[f], w);
    writer_array_end(w);
    writer_object_end(w);
}

void trend_page(const run_list *l, buffer *out)
{
    size_t count;
    trend_line *lines = find_lines(l, &count);
    buffer data = {0};
    buffer text = {0};
    json_writer w = writer_begin(&data);
    writer_object(&w);
    writer_key(&w, "lines");
    writer_array(&w);
    for (size_t i = 0; i < count; i++)
        write_line(&lines[i], &w);
    writer_array_end(&w);
    writer_object_end(&w);
    trend_print(l, &text);
    page_write(PAGE_TREND, "trend of runs, ordeal", buffer_text(&text), buffer_text(&data), out);
    buffer_free(&data);
    buffer_free(&text);
    trend_lines_free(lines, count);
}
