#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

bool error_set_va(error *e, error_kind kind, const char *place, const char *format, va_list values)
{
    CHECK(e != NULL);
    CHECK(kind != ERROR_NONE);
    if (e->kind != ERROR_NONE)
        return false;
    e->kind = kind;
    snprintf(e->place, sizeof e->place, "%s", place != NULL ? place : "");
    vsnprintf(e->text, sizeof e->text, format, values);
    return false;
}

bool error_set(error *e, error_kind kind, const char *place, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    error_set_va(e, kind, place, format, values);
    va_end(values);
    return false;
}

bool error_errno(error *e, const char *place, const char *format, ...)
{
    int number = errno;
    char sentence[320];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    return error_set(e, ERROR_IO, place, "%s: %s", sentence, strerror(number));
}

void error_clear(error *e)
{
    *e = (error){.kind = ERROR_NONE};
}

const char *error_kind_name(error_kind kind)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",     [ERROR_USAGE] = "usage",         [ERROR_TARGET] = "target",
        [ERROR_IO] = "io",         [ERROR_CORRUPT] = "corrupt",     [ERROR_LIMIT] = "limit",
        [ERROR_UNABLE] = "unable", [ERROR_INTERRUPT] = "interrupt", [ERROR_INTERNAL] = "internal",
    };
    CHECK((unsigned)kind < sizeof names / sizeof names[0]);
    return names[kind];
}

const char *error_line(const error *e, char *line, unsigned long size)
{
    if (e->place[0] != '\0')
        snprintf(line, size, "%s: %s", e->place, e->text);
    else
        snprintf(line, size, "%s", e->text);
    return line;
}
