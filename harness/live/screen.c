#include "live/screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/timing.h"
#include "base/units.h"
#include "history/operations.h"

#define BAR_WIDTH        24
#define BAR_WIDTH_NARROW 10 /* so that the time left fits beside it */
#define NARROW           80

typedef enum { STYLE_PLAIN, STYLE_LABEL, STYLE_STRONG, STYLE_GOOD, STYLE_BAD, STYLE_FAULT } style;
static const char *const style_codes[] = {"", "2", "1", "32", "31;1", "33"};

typedef struct {
    const screen_view *view;
    buffer *out;
    size_t used; /* columns of this row */
    size_t rows;
} page;

/* --- rows --- */

static void put_text(page *p, style as, const char *text)
{
    bool coloured = p->view->colour && as != STYLE_PLAIN;
    if (coloured)
        buffer_printf(p->out, "\033[%sm", style_codes[as]);
    for (const char *at = text; *at != '\0'; at++) {
        /* The bytes behind the first of a UTF-8 character take no column of their own. */
        bool begins = ((unsigned char)*at & 0xC0) != 0x80;
        if (begins && p->used + 1 >= p->view->columns)
            break;
        p->used += begins ? 1 : 0;
        buffer_append(p->out, (unsigned char)*at < 0x20 ? "?" : at, 1);
    }
    if (coloured)
        buffer_text_append(p->out, "\033[0m");
}

__attribute__((format(printf, 3, 4))) static void put(page *p, style as, const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    put_text(p, as, text);
}

/* False when the screen is full. */
static bool begin_row(page *p, const char *label)
{
    if (p->rows + 1 >= p->view->rows)
        return false;
    p->used = 0;
    put(p, STYLE_LABEL, "%-11s", label);
    return true;
}

static void end_row(page *p)
{
    buffer_text_append(p->out, "\033[K\n");
    p->rows++;
}

/* --- what they say --- */

static uint64_t percent_of(const live_state *state)
{
    uint64_t percent = state->length > 0 ? state->elapsed * 100 / state->length : 100;
    return percent < 100 ? percent : 100;
}

/* "3 s left" does not jump between digits as "2.97 s left" would. */
static char *whole_seconds(uint64_t nanoseconds, char text[32])
{
    uint64_t half = NANOSECONDS_PER_SECOND / 2;
    return units_show_duration(
        (nanoseconds + half) / NANOSECONDS_PER_SECOND * NANOSECONDS_PER_SECOND, text);
}

static uint64_t left_of(const live_state *state)
{
    return state->length > state->elapsed ? state->length - state->elapsed : 0;
}

static void show_progress(page *p, const live_state *state)
{
    char bar[BAR_WIDTH + 1], left[32], length[32];
    uint64_t width = p->view->columns < NARROW ? BAR_WIDTH_NARROW : BAR_WIDTH;
    uint64_t full = percent_of(state) * width / 100;
    if (!begin_row(p, state->phase))
        return;
    for (uint64_t i = 0; i < width; i++)
        bar[i] = i < full ? '#' : '.';
    bar[width] = '\0';
    put(p, STYLE_STRONG, "[%s] %3" PRIu64 " %%", bar, percent_of(state));
    if (state->timed)
        put(p, STYLE_PLAIN, "  %s left of %s", whole_seconds(left_of(state), left),
            whole_seconds(state->length, length));
    else
        put(p, STYLE_PLAIN, "  %" PRIu64 " of %" PRIu64 " names", state->elapsed, state->length);
    put(p, STYLE_PLAIN, "  %s, seed %" PRIu64, state->scenario, state->seed);
    end_row(p);
}

static void show_rate(page *p, const live_state *state)
{
    const counters_snapshot *c = &state->counted;
    if (!begin_row(p, "requests"))
        return;
    put(p, STYLE_STRONG, "%.0f/s", p->view->rate);
    put(p, STYLE_PLAIN, "  %" PRIu64 " done, %" PRIu64 " not ok, %" PRIu64 " sessions", c->done,
        c->failed, c->clients);
    if (c->dropped > 0)
        put(p, STYLE_BAD, ", %" PRIu64 " arrivals dropped", c->dropped);
    end_row(p);
}

static void put_sparks(page *p)
{
    static const char *const fine[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const coarse[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    const screen_view *v = p->view;
    uint64_t most = 1;
    for (size_t i = 0; i < v->spark_count; i++)
        most = v->sparks[i] > most ? v->sparks[i] : most;
    for (size_t i = 0; i < v->spark_count; i++) {
        size_t height = (size_t)((double)v->sparks[i] / (double)most * 7.0);
        put_text(p, STYLE_PLAIN, (v->unicode ? fine : coarse)[height]);
    }
}

static void show_latency(page *p)
{
    char median[32], high[32];
    if (!begin_row(p, "latency"))
        return;
    put(p, STYLE_PLAIN, "p50 %s  p99 %s  ", units_show_duration(p->view->median, median),
        units_show_duration(p->view->p99, high));
    put_sparks(p);
    end_row(p);
}

/* "connect 12, timeout 3"; nothing when there were none. */
static void list_errors(const counters_snapshot *c, buffer *out)
{
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        if (c->failures[i] > 0)
            buffer_printf(out, "%s%s %" PRIu64, out->length > 0 ? ", " : "", failure_name(i),
                          c->failures[i]);
}

static void show_errors(page *p, const live_state *state)
{
    buffer text = {0};
    if (!begin_row(p, "errors"))
        return;
    list_errors(&state->counted, &text);
    if (text.length > 0)
        put_text(p, STYLE_BAD, buffer_text(&text));
    else
        put_text(p, STYLE_PLAIN, "none");
    buffer_free(&text);
    end_row(p);
}

static void show_faults(page *p, const live_state *state)
{
    if (!begin_row(p, "faults"))
        return;
    if (state->faults[0] != '\0')
        put_text(p, STYLE_FAULT, state->faults);
    else
        put_text(p, STYLE_PLAIN, "none active");
    end_row(p);
}

static void show_memory(page *p, const live_state *state)
{
    char target[32], own[32];
    if (!begin_row(p, "memory"))
        return;
    if (state->target_resident > 0)
        put(p, STYLE_PLAIN, "target %s  ", units_show_size(state->target_resident, target));
    put(p, STYLE_PLAIN, "ordeal %s", units_show_size(state->own_resident, own));
    end_row(p);
}

static void show_invariants(page *p, const live_state *state)
{
    size_t later = 0;
    if (state->invariant_count == 0 || !begin_row(p, "invariants"))
        return;
    for (size_t i = 0; i < state->invariant_count; i++) {
        const live_invariant *one = &state->invariants[i];
        later += one->watched ? 0 : 1;
        if (one->watched && one->broken > 0)
            put(p, STYLE_BAD, "%s broken %" PRIu64 " times  ", one->name, one->broken);
        else if (one->watched)
            put(p, STYLE_GOOD, "%s unbroken  ", one->name);
    }
    if (later > 0)
        put(p, STYLE_PLAIN, "%zu judged at the end", later);
    end_row(p);
}

size_t screen_compose(const screen_view *view, const live_state *state, buffer *out)
{
    page p = {.view = view, .out = out};
    show_progress(&p, state);
    show_rate(&p, state);
    show_latency(&p);
    show_errors(&p, state);
    show_faults(&p, state);
    show_memory(&p, state);
    show_invariants(&p, state);
    return p.rows;
}

void screen_plain(const screen_view *view, const live_state *state, buffer *out)
{
    char left[32], high[32], resident[32];
    buffer errors = {0};
    list_errors(&state->counted, &errors);
    buffer_printf(out, "%s %" PRIu64 " %%", state->phase, percent_of(state));
    if (state->timed)
        buffer_printf(out, ", %s left", whole_seconds(left_of(state), left));
    buffer_printf(out, ", %.0f/s, %" PRIu64 " done, %" PRIu64 " not ok", view->rate,
                  state->counted.done, state->counted.failed);
    if (errors.length > 0)
        buffer_printf(out, " (%s)", buffer_text(&errors));
    if (state->counted.dropped > 0)
        buffer_printf(out, ", %" PRIu64 " arrivals dropped", state->counted.dropped);
    buffer_printf(out, ", %" PRIu64 " sessions, p99 %s", state->counted.clients,
                  units_show_duration(view->p99, high));
    if (state->target_resident > 0)
        buffer_printf(out, ", target %s", units_show_size(state->target_resident, resident));
    if (state->faults[0] != '\0')
        buffer_printf(out, ", faults: %s", state->faults);
    for (size_t i = 0; i < state->invariant_count; i++)
        if (state->invariants[i].broken > 0)
            buffer_printf(out, ", %s BROKEN", state->invariants[i].name);
    buffer_text_append(out, "\n");
    buffer_free(&errors);
}
