#include "reports/timeline.h"

#include <inttypes.h>

#include "base/timing.h"
#include "base/units.h"
#include "reports/show.h"

#define WIDTH  960.0
#define HEIGHT 120.0

typedef struct {
    uint64_t length;
    double good[TIMELINE_STEPS];
    double bad[TIMELINE_STEPS];
    double memory[TIMELINE_STEPS];
} series;

static size_t step_of(const series *s, uint64_t at)
{
    size_t step = (size_t)((double)at / (double)(s->length + 1) * TIMELINE_STEPS);
    return step < TIMELINE_STEPS ? step : TIMELINE_STEPS - 1;
}

static void gather(const verdict *v, series *s)
{
    size_t count = history_count(v->history);
    for (size_t i = 0; i < count; i++) {
        history_record r = history_get(v->history, i);
        if (r.finish != HISTORY_NEVER && r.finish > s->length)
            s->length = r.finish;
    }
    for (size_t i = 0; i < count; i++) {
        history_record r = history_get(v->history, i);
        if (r.kind == RECORD_OPERATION && r.finish != HISTORY_NEVER)
            (r.outcome == OUTCOME_OK ? s->good : s->bad)[step_of(s, r.finish)]++;
        else if (r.kind == RECORD_SAMPLE)
            s->memory[step_of(s, r.invoke)] = (double)r.value;
    }
}

static double most_of(const double *values)
{
    double most = 0;
    for (size_t i = 0; i < TIMELINE_STEPS; i++)
        most = values[i] > most ? values[i] : most;
    return most > 0 ? most : 1;
}

static void draw_bands(const verdict *v, const series *s, buffer *out)
{
    double begin = 0;
    for (size_t i = 0; i < history_count(v->history); i++) {
        history_record r = history_get(v->history, i);
        double at = (double)r.invoke / (double)s->length * WIDTH;
        if (r.kind != RECORD_FAULT)
            continue;
        if (r.type == FAULT_RECORD_BEGIN)
            begin = at;
        if (r.type != FAULT_RECORD_END)
            continue;
        buffer_printf(out,
                      "<rect x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%.0f\" "
                      "fill=\"var(--band)\"><title>fault ",
                      begin, at - begin > 2 ? at - begin : 2, HEIGHT);
        show_escaped(history_text(v->history, r.key), out);
        buffer_text_append(out, "</title></rect>");
    }
}

static void draw_line(const double *values, double most, const char *colour, buffer *out)
{
    buffer_printf(
        out, "<polyline fill=\"none\" stroke=\"var(--%s)\" stroke-width=\"1.5\" points=\"", colour);
    for (size_t i = 0; i < TIMELINE_STEPS; i++)
        buffer_printf(out, "%.1f,%.1f ", (double)i / TIMELINE_STEPS * WIDTH,
                      HEIGHT - values[i] / most * (HEIGHT - 4));
    buffer_text_append(out, "\"/>");
}

static void open_chart(const char *title, buffer *out)
{
    buffer_printf(out, "<h2>%s</h2><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">",
                  title, WIDTH, HEIGHT, title);
}

void timeline_write(const verdict *v, buffer *out)
{
    series s = {0};
    char text[32];
    gather(v, &s);
    if (s.length == 0)
        return;
    double most = most_of(s.good) > most_of(s.bad) ? most_of(s.good) : most_of(s.bad);
    double seconds = (double)s.length / (double)NANOSECONDS_PER_SECOND / TIMELINE_STEPS;
    open_chart("Operations a second", out);
    draw_bands(v, &s, out);
    draw_line(s.good, most, "good", out);
    draw_line(s.bad, most, "bad", out);
    buffer_printf(out,
                  "</svg><p class=\"dim\">Green ok, red not ok, bands are faults; up to %.0f a "
                  "second over %s.</p>",
                  most / seconds, units_show_duration(s.length, text));
    /* Between two samples the last one stands. */
    for (size_t i = 1; i < TIMELINE_STEPS; i++)
        if (s.memory[i] == 0)
            s.memory[i] = s.memory[i - 1];
    open_chart("Memory of the target", out);
    draw_bands(v, &s, out);
    draw_line(s.memory, most_of(s.memory), "dim", out);
    buffer_printf(out, "</svg><p class=\"dim\">Resident memory, at most %s.</p>",
                  units_show_size(v->resident_most, text));
}
