#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    double factor;
} unit;

static const unit durations[] = {
    {"ns", 1},   {"us", 1e3},   {"ms", 1e6},    {"s", 1e9},
    {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {NULL, 0},
};
static const unit sizes[] = {
    {"B", 1},      {"kB", 1e3},      {"KB", 1e3},         {"MB", 1e6}, {"GB", 1e9},
    {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"", 1},     {NULL, 0},
};

/* strtod alone would take "inf", "nan", hexadecimal and leading blanks. */
static bool split_number(const char *text, double *number, const char **rest)
{
    if (!isdigit((unsigned char)text[0]) || text[strspn(text, "0")] == 'x' ||
        text[strspn(text, "0")] == 'X')
        return false;
    char *end;
    errno = 0;
    *number = strtod(text, &end);
    *rest = end;
    return errno == 0 && isfinite(*number);
}

static bool scaled(const char *text, const unit *units, uint64_t *result)
{
    double number;
    const char *rest;
    if (!split_number(text, &number, &rest))
        return false;
    while (*rest == ' ')
        rest++;
    for (const unit *u = units; u->name != NULL; u++) {
        if (strcmp(rest, u->name) == 0) {
            double value = number * u->factor;
            if (value >= 9.2e18 || (*rest == '\0' && value != floor(value)))
                return false;
            *result = (uint64_t)llround(value);
            return true;
        }
    }
    return false;
}

bool units_duration(const char *text, uint64_t *nanoseconds)
{
    /* Nothing needs no unit; what "10" would be, seconds or milliseconds, is anybody's guess. */
    if (strcmp(text, "0") == 0) {
        *nanoseconds = 0;
        return true;
    }
    return scaled(text, durations, nanoseconds);
}

bool units_size(const char *text, uint64_t *bytes)
{
    return scaled(text, sizes, bytes);
}

bool units_fraction(const char *text, double *fraction)
{
    double number;
    const char *rest;
    if (!split_number(text, &number, &rest))
        return false;
    if (strcmp(rest, "%") == 0)
        number /= 100;
    else if (*rest != '\0')
        return false;
    if (number > 1)
        return false;
    *fraction = number;
    return true;
}

bool units_whole(const char *text, uint64_t *number)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *number = value;
    return true;
}

bool units_real(const char *text, double *number)
{
    bool negative = text[0] == '-';
    double value;
    const char *rest;
    if (!split_number(text + negative, &value, &rest) || *rest != '\0')
        return false;
    *number = negative ? -value : value;
    return true;
}

char *units_show_duration(uint64_t nanoseconds, char text[32])
{
    static const struct {
        double below;
        double factor;
        const char *name;
    } steps[] = {
        /* What three digits would round up to 1000 belongs to the next unit. */
        {999.5, 1, "ns"},  {999.5e3, 1e3, "us"},  {999.5e6, 1e6, "ms"},
        {120e9, 1e9, "s"}, {7200e9, 60e9, "min"}, {INFINITY, 3600e9, "h"},
    };
    double value = (double)nanoseconds;
    size_t step = 0;
    while (value >= steps[step].below)
        step++;
    double shown = value / steps[step].factor;
    snprintf(text, 32, shown >= 100 ? "%.0f %s" : "%.3g %s", shown, steps[step].name);
    return text;
}

char *units_show_size(uint64_t bytes, char text[32])
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t step = 0;
    while (value >= 1024 && step + 1 < sizeof names / sizeof names[0]) {
        value /= 1024;
        step++;
    }
    snprintf(text, 32, step == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, names[step]);
    return text;
}
