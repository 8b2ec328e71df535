#include "live/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "live/metrics.h"
#include "live/screen.h"
#include "live/web.h"

#define UPDATE_PAUSE  (NANOSECONDS_PER_SECOND / 2)
#define LINE_PAUSE    (5 * NANOSECONDS_PER_SECOND)
#define ROWS_LEAST    3
#define COLUMNS_LEAST 20

struct live {
    live_options options;
    bool terminal;
    screen_view view;
    uint64_t updated;
    uint64_t lined;            /* when a plain line was last printed */
    counters_snapshot before;  /* at the last update */
    counters_snapshot printed; /* at the last plain line */
    size_t drawn;              /* rows now on the screen */
    metrics_server *metrics;
    web_server *web;
};

/* --- the terminal --- */

static bool speaks_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static bool is_screen(void)
{
    const char *name = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && name != NULL && name[0] != '\0' &&
           strcmp(name, "dumb") != 0;
}

static bool wants_colour(void)
{
    const char *refused = getenv("NO_COLOR");
    return refused == NULL || refused[0] == '\0';
}

/* True when the size is not what it was. */
static bool measure(screen_view *view)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    size_t columns = known ? size.ws_col : 80;
    size_t rows = known ? size.ws_row : 24;
    bool changed = columns != view->columns || rows != view->rows;
    view->columns = columns;
    view->rows = rows;
    return changed;
}

/* One write, so that nobody sees half a screen. What cannot be shown is not worth ending a run. */
static void emit(const buffer *text)
{
    (void)files_write_all(STDERR_FILENO, buffer_text(text), text->length);
}

static void go_to_top(const live *l, buffer *out)
{
    if (l->drawn > 0)
        buffer_printf(out, "\033[%zuA\r", l->drawn);
}

static void draw(live *l, const live_state *state)
{
    buffer text = {0};
    /* A new width has wrapped the old rows in ways that cannot be known: start on a clean page. */
    if (measure(&l->view) && l->drawn > 0)
        buffer_text_append(&text, "\033[H\033[J");
    else
        go_to_top(l, &text);
    l->drawn = 0;
    if (l->view.rows >= ROWS_LEAST && l->view.columns >= COLUMNS_LEAST)
        l->drawn = screen_compose(&l->view, state, &text);
    buffer_text_append(&text, "\033[J");
    emit(&text);
    buffer_free(&text);
}

/* --- figures of the last interval --- */

static void look_at(screen_view *view, const counters_snapshot *lately, uint64_t nanoseconds)
{
    view->rate = (double)lately->done * (double)NANOSECONDS_PER_SECOND / (double)nanoseconds;
    view->median = counters_percentile(lately, 50);
    view->p99 = counters_percentile(lately, 99);
}

static void add_spark(screen_view *view)
{
    if (view->spark_count == SCREEN_SPARKS) {
        memmove(view->sparks, view->sparks + 1, sizeof view->sparks - sizeof view->sparks[0]);
        view->spark_count--;
    }
    view->sparks[view->spark_count++] = view->p99;
}

static void print_line(live *l, const live_state *state, uint64_t now)
{
    buffer text = {0};
    counters_snapshot lately = counters_since(&state->counted, &l->printed);
    look_at(&l->view, &lately, now - l->lined);
    screen_plain(&l->view, state, &text);
    emit(&text);
    buffer_free(&text);
    l->lined = now;
    l->printed = state->counted;
}

/* --- life --- */

static bool serve_metrics(live *l, error *e)
{
    if (!l->options.metrics)
        return true;
    l->metrics = metrics_serve(l->options.metrics_port, e);
    if (l->metrics == NULL)
        return false;
    log_line(LOG_INFO, "metrics on http://127.0.0.1:%u/metrics", metrics_server_port(l->metrics));
    return true;
}

static bool serve_page(live *l, error *e)
{
    if (l->options.web_page == NULL)
        return true;
    l->web = web_serve(l->options.web_port, l->options.web_page, e);
    if (l->web == NULL)
        return false;
    log_line(LOG_INFO, "live page on http://127.0.0.1:%u/", web_server_port(l->web));
    return true;
}

live *live_begin(const live_options *options, error *e)
{
    live *l = memory_zeroed(1, sizeof *l);
    l->options = *options;
    l->terminal = is_screen();
    l->view.colour = wants_colour();
    l->view.unicode = speaks_unicode();
    l->updated = l->lined = timing_now();
    if (serve_metrics(l, e) && serve_page(l, e))
        return l;
    metrics_stop(l->metrics);
    free(l);
    return NULL;
}

bool live_due(const live *l)
{
    bool watched = !l->options.quiet || l->metrics != NULL || l->web != NULL;
    return watched && timing_now() - l->updated >= UPDATE_PAUSE;
}

void live_update(live *l, const live_state *state)
{
    uint64_t now = timing_now();
    if (l->metrics != NULL)
        metrics_set(l->metrics, state);
    if (l->web != NULL)
        web_add(l->web, state);
    if (!l->options.quiet && l->terminal && now > l->updated) {
        counters_snapshot lately = counters_since(&state->counted, &l->before);
        look_at(&l->view, &lately, now - l->updated);
        add_spark(&l->view);
        draw(l, state);
    } else if (!l->options.quiet && now - l->lined >= LINE_PAUSE) {
        print_line(l, state, now);
    }
    l->before = state->counted;
    l->updated = now;
}

void live_end(live *l)
{
    buffer text = {0};
    if (l == NULL)
        return;
    if (l->drawn > 0) {
        go_to_top(l, &text);
        buffer_text_append(&text, "\033[J");
        emit(&text);
    }
    buffer_free(&text);
    metrics_stop(l->metrics);
    web_stop(l->web);
    free(l);
}
