#include "plan/threshold.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"

typedef enum { BOUND_DURATION, BOUND_SHARE, BOUND_NUMBER } bound_form;

typedef struct {
    const char *name;
    figure figure;
    bound_form form;
} figure_row;

static const figure_row figures[] = {
    {"p", FIGURE_PERCENTILE, BOUND_DURATION},   {"corrected_p", FIGURE_CORRECTED, BOUND_DURATION},
    {"mean", FIGURE_MEAN, BOUND_DURATION},      {"max", FIGURE_MOST, BOUND_DURATION},
    {"error_rate", FIGURE_ERRORS, BOUND_SHARE}, {"rate", FIGURE_RATE, BOUND_NUMBER},
    {"count", FIGURE_COUNT, BOUND_NUMBER},
};
#define FIGURE_ROWS (sizeof figures / sizeof figures[0])

static bool wants_percentile(figure f)
{
    return f == FIGURE_PERCENTILE || f == FIGURE_CORRECTED;
}

static const figure_row *find_figure(const char *name, double *percentile)
{
    for (size_t i = 0; i < FIGURE_ROWS; i++) {
        const figure_row *row = &figures[i];
        size_t length = strlen(row->name);
        if (!wants_percentile(row->figure) && strcmp(name, row->name) == 0)
            return row;
        if (wants_percentile(row->figure) && strncmp(name, row->name, length) == 0 &&
            units_real(name + length, percentile) && *percentile > 0 && *percentile <= 100)
            return row;
    }
    return NULL;
}

static bool parse_operation(const char *name, operation_type *operation, error *e)
{
    if (name[0] == '\0') {
        *operation = OPERATION_NONE;
        return true;
    }
    *operation = operation_named(name);
    if (*operation != OPERATION_NONE)
        return true;
    const char *names[OPERATION_COUNT];
    for (unsigned i = 0; i < OPERATION_COUNT; i++)
        names[i] = operation_row_of(i)->name;
    const char *near = suggest_nearest(name, names + 1, OPERATION_COUNT - 1);
    return error_set(e, ERROR_USAGE, "",
                     "unknown operation '%s'%s%s; 'ordeal list operations' shows all", name,
                     near != NULL ? ", nearest is " : "", near != NULL ? near : "");
}

static bool parse_comparison(const char *sign, comparison *out)
{
    static const char *const signs[] = {"<", "<=", ">", ">="};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(sign, signs[i]) == 0) {
            *out = (comparison)i;
            return true;
        }
    }
    return false;
}

static bool parse_bound(const figure_row *row, const char *text, double *bound)
{
    uint64_t nanoseconds;
    switch (row->form) {
    case BOUND_DURATION:
        if (!units_duration(text, &nanoseconds))
            return false;
        *bound = (double)nanoseconds;
        return true;
    case BOUND_SHARE:
        return units_fraction(text, bound);
    case BOUND_NUMBER:
        return units_real(text, bound);
    }
    return false;
}

bool threshold_parse(const char *text, threshold *out, error *e)
{
    char name[32];
    char operation[32] = "";
    char sign[4];
    char bound[32];
    int end = 0;
    bool with = sscanf(text, " %31[a-z0-9_.] (%31[a-z-]) %2[<>=] %31s %n", name, operation, sign,
                       bound, &end) == 4;
    if (!with) {
        operation[0] = '\0';
        end = 0;
    }
    bool without =
        !with && sscanf(text, " %31[a-z0-9_.] %2[<>=] %31s %n", name, sign, bound, &end) == 3;
    if ((!with && !without) || text[end] != '\0')
        return error_set(
            e, ERROR_USAGE, "",
            "'%.80s' is not a threshold; write it like p95(get) < 1s or error_rate < 5%%", text);
    out->text = text;
    out->percentile = 0;
    const figure_row *row = find_figure(name, &out->percentile);
    if (row == NULL)
        return error_set(e, ERROR_USAGE, "",
                         "unknown figure '%s'; there are p50 .. p99.9, corrected_p50 .., mean, "
                         "max, error_rate, rate, count",
                         name);
    out->figure = row->figure;
    if (!parse_operation(operation, &out->operation, e))
        return false;
    if (!parse_comparison(sign, &out->comparison) || !parse_bound(row, bound, &out->bound))
        return error_set(e, ERROR_USAGE, "", "'%.80s': the bound must be <, <=, > or >= and %s",
                         text,
                         row->form == BOUND_DURATION ? "a duration such as 500ms"
                         : row->form == BOUND_SHARE  ? "a share such as 5%"
                                                     : "a number");
    return true;
}

char *threshold_show(const threshold *t, double value, char text[32])
{
    switch (t->figure) {
    case FIGURE_ERRORS:
        snprintf(text, 32, "%.2f %%", value * 100);
        return text;
    case FIGURE_RATE:
        snprintf(text, 32, "%.1f/s", value);
        return text;
    case FIGURE_COUNT:
        snprintf(text, 32, "%.0f", value);
        return text;
    case FIGURE_PERCENTILE:
    case FIGURE_CORRECTED:
    case FIGURE_MEAN:
    case FIGURE_MOST:
        break;
    }
    return units_show_duration((uint64_t)value, text);
}

bool threshold_holds(const threshold *t, double value)
{
    switch (t->comparison) {
    case COMPARE_BELOW:
        return value < t->bound;
    case COMPARE_AT_MOST:
        return value <= t->bound;
    case COMPARE_ABOVE:
        return value > t->bound;
    case COMPARE_AT_LEAST:
        return value >= t->bound;
    }
    return false;
}
