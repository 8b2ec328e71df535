#include "readings/quantities.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define DIGITS  "0123456789"
#define NEAR    0x1p-52L
#define BIGGEST 9.2e18L

typedef struct {
    const char *name;
    long double factor;
} unit;

typedef struct {
    long double value;
    bool tiny;        /* less than a normal double, and not 0 */
    const char *rest; /* NULL: it is no number */
} decimal;

static decimal read_decimal(const char *text)
{
    size_t length = strspn(text, DIGITS);
    if (length == 0)
        return (decimal){.rest = NULL};
    if (text[length] == '.')
        length += 1 + strspn(text + length + 1, DIGITS);
    bool nothing = strspn(text, "0.") >= length;
    if (text[length] == 'e' || text[length] == 'E') {
        size_t sign = text[length + 1] == '+' || text[length + 1] == '-';
        size_t power = strspn(text + length + 1 + sign, DIGITS);
        if (power > 0)
            length += 1 + sign + power;
    }
    /* What strtold makes of more than this, such as hexadecimal, must not come in. */
    char *number = memory_text(text);
    number[length] = '\0';
    decimal out = {.value = nothing ? 0 : strtold(number, NULL), .rest = text + length};
    out.tiny = !nothing && out.value < (long double)DBL_MIN;
    free(number);
    return out;
}

/* Accepted up to `most`, where a double may be on either side. */
static quantity bounded(decimal d, long double value, long double most)
{
    quantity out = {.value = value, .verdict = QUANTITY_SURE};
    if (value > most * (1 + NEAR))
        out.verdict = QUANTITY_NONE;
    else if (d.tiny || value > most * (1 - NEAR))
        out.verdict = QUANTITY_EITHER;
    return out;
}

static quantity scaled(const char *text, const unit *units, size_t count)
{
    decimal d = read_decimal(text);
    if (d.rest == NULL)
        return (quantity){.verdict = QUANTITY_NONE};
    const char *name = d.rest + strspn(d.rest, " ");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, units[i].name) != 0)
            continue;
        quantity out = bounded(d, d.value * units[i].factor, BIGGEST);
        if (units[i].factor == 1 && out.value == BIGGEST) /* which a double has exactly */
            out.verdict = QUANTITY_NONE;
        long double part = fabsl(out.value - rintl(out.value));
        if (name[0] == '\0' && part > out.value * NEAR)
            out.verdict = QUANTITY_NONE;
        else if (name[0] == '\0' && part > 0 && out.verdict == QUANTITY_SURE)
            out.verdict = QUANTITY_EITHER;
        return out;
    }
    return (quantity){.verdict = QUANTITY_NONE};
}

quantity reading_size(const char *text)
{
    static const unit units[] = {
        {"", 1},      {"B", 1},         {"kB", 1e3L},     {"KB", 1e3L},     {"MB", 1e6L},
        {"GB", 1e9L}, {"KiB", 0x1p10L}, {"MiB", 0x1p20L}, {"GiB", 0x1p30L},
    };
    return scaled(text, units, sizeof units / sizeof units[0]);
}

quantity reading_duration(const char *text)
{
    static const unit units[] = {
        {"ns", 1},
        {"us", 1e3L},
        {"ms", 1e6L},
        {"s", 1e9L},
        {"m", 60 * 1e9L},
        {"h", 3600 * 1e9L},
        {"d", 24 * 3600 * 1e9L},
    };
    if (strcmp(text, "0") == 0)
        return (quantity){.verdict = QUANTITY_SURE, .value = 0};
    return scaled(text, units, sizeof units / sizeof units[0]);
}

quantity reading_fraction(const char *text)
{
    decimal d = read_decimal(text);
    bool percent = d.rest != NULL && strcmp(d.rest, "%") == 0;
    if (d.rest == NULL || (!percent && d.rest[0] != '\0'))
        return (quantity){.verdict = QUANTITY_NONE};
    quantity out = bounded(d, percent ? d.value / 100 : d.value, 1);
    if (out.value == 1)
        out.verdict = QUANTITY_SURE;
    return out;
}

quantity reading_real(const char *text)
{
    bool negative = text[0] == '-';
    decimal d = read_decimal(text + negative);
    if (d.rest == NULL || d.rest[0] != '\0')
        return (quantity){.verdict = QUANTITY_NONE};
    quantity out = bounded(d, d.value, (long double)DBL_MAX);
    if (negative)
        out.value = -out.value;
    return out;
}

quantity reading_whole(const char *text)
{
    static const char most[] = "18446744073709551615";
    size_t zeros = strspn(text, "0");
    size_t length = strlen(text);
    if (length == 0 || strspn(text, DIGITS) != length)
        return (quantity){.verdict = QUANTITY_NONE};
    text += zeros;
    length -= zeros;
    if (length >= sizeof most || (length == sizeof most - 1 && strcmp(text, most) > 0))
        return (quantity){.verdict = QUANTITY_NONE};
    quantity out = {.verdict = QUANTITY_SURE};
    for (; *text != '\0'; text++)
        out.value = out.value * 10 + (*text - '0');
    return out;
}

bool reading_agrees(quantity read, bool accepted, long double taken, long double rounding)
{
    if (!accepted)
        return read.verdict != QUANTITY_SURE;
    return read.verdict != QUANTITY_NONE &&
           fabsl(taken - read.value) <=
               rounding + fabsl(read.value) * NEAR + (long double)DBL_TRUE_MIN;
}

/* Splits "1.5 s" at its blank; false when it is not a number, one blank and a name. */
static bool split_shown(const char *shown, long double *number, size_t *decimals, const char **name)
{
    decimal d = read_decimal(shown);
    if (d.rest == NULL || d.rest[0] != ' ')
        return false;
    const char *point = memchr(shown, '.', (size_t)(d.rest - shown));
    *decimals = point != NULL ? (size_t)(d.rest - point) - 1 : 0;
    *number = d.value;
    *name = d.rest + 1;
    return strcspn(shown, "eE") >= (size_t)(d.rest - shown);
}

/* Three digits, all where there are more before the point; from 120 s on minutes, from 120 of
 * these hours. */
bool reading_shows_duration(const char *shown, uint64_t nanoseconds)
{
    static const struct {
        unit unit;
        long double from;
        long double to;
    } units[] = {
        {{"ns", 1}, 0, 999},   {{"us", 1e3L}, 1, 999},       {{"ms", 1e6L}, 1, 999},
        {{"s", 1e9L}, 1, 120}, {{"min", 60 * 1e9L}, 2, 120}, {{"h", 3600 * 1e9L}, 2, 1e18L},
    };
    long double number;
    size_t decimals;
    const char *name;
    if (!split_shown(shown, &number, &decimals, &name))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(name, units[i].unit.name) != 0)
            continue;
        long double truth = (long double)nanoseconds / units[i].unit.factor;
        long double step = truth >= 99.95L ? 1 : truth >= 9.995L ? 0.1L : 0.01L;
        return number >= units[i].from && number <= units[i].to &&
               fabsl(number - truth) <= step / 2 * (1 + 1e-9L) + truth * NEAR;
    }
    return false;
}

/* Bytes as they are; else one digit behind the point below 100. */
bool reading_shows_size(const char *shown, uint64_t bytes)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    long double truth = (long double)bytes;
    size_t step = 0;
    long double number;
    size_t decimals;
    const char *name;
    for (; truth >= 1024 && step < 4; step++)
        truth /= 1024;
    if (!split_shown(shown, &number, &decimals, &name) || strcmp(name, names[step]) != 0)
        return false;
    bool fine = step > 0 && truth < 100;
    return decimals == fine && fabsl(number - truth) <= (fine ? 0.05L : 0.5L) + truth * NEAR;
}
