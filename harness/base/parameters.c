#include "base/parameters.h"

#include <string.h>

#include "base/buffer.h"
#include "base/units.h"

static bool parse_offset(const char *text, parameter_value *value)
{
    bool negative = text[0] == '-';
    uint64_t length;
    if (!units_duration(text + (negative || text[0] == '+'), &length))
        return false;
    value->offset = negative ? -(int64_t)length : (int64_t)length;
    return true;
}

static bool parse_switch(const char *text, parameter_value *value)
{
    value->number = strcmp(text, "true") == 0;
    return value->number == 1 || strcmp(text, "false") == 0;
}

static bool parse_word(const parameter *p, const char *text, parameter_value *value)
{
    for (size_t i = 0; p->words[i] != NULL; i++) {
        if (strcmp(p->words[i], text) == 0) {
            value->number = i;
            return true;
        }
    }
    return false;
}

static bool parse(const parameter *p, const char *text, parameter_value *value)
{
    switch (p->type) {
    case PARAMETER_DURATION:
        return units_duration(text, &value->number);
    case PARAMETER_SIZE:
        return units_size(text, &value->number);
    case PARAMETER_WHOLE:
        return units_whole(text, &value->number);
    case PARAMETER_FRACTION:
        return units_fraction(text, &value->real);
    case PARAMETER_REAL:
        return units_real(text, &value->real);
    case PARAMETER_OFFSET:
        return parse_offset(text, value);
    case PARAMETER_SWITCH:
        return parse_switch(text, value);
    case PARAMETER_WORD:
        return parse_word(p, text, value);
    case PARAMETER_TEXT:
        return true;
    }
    return false;
}

static bool explain(const parameter *p, const char *text, error *e)
{
    static const char *const forms[] = {
        [PARAMETER_DURATION] = "a duration such as 200ms or 5s",
        [PARAMETER_SIZE] = "a size such as 4096 or 64KiB",
        [PARAMETER_WHOLE] = "a whole number, not negative",
        [PARAMETER_FRACTION] = "a share such as 0.3 or 30%",
        [PARAMETER_REAL] = "a number",
        [PARAMETER_OFFSET] = "a duration that may be negative, such as -3h",
        [PARAMETER_SWITCH] = "true or false",
        [PARAMETER_WORD] = "one of",
        [PARAMETER_TEXT] = "a text",
    };
    buffer words = {0};
    for (size_t i = 0; p->type == PARAMETER_WORD && p->words[i] != NULL; i++)
        buffer_printf(&words, "%s %s", i > 0 ? "," : "", p->words[i]);
    error_set(e, ERROR_USAGE, "", "%s: '%.80s' is not %s%s", p->name, text, forms[p->type],
              buffer_text(&words));
    buffer_free(&words);
    return false;
}

bool parameter_parse(const parameter *p, const char *text, parameter_value *value, error *e)
{
    parameter_value parsed = {.text = text};
    if (!parse(p, text, &parsed))
        return explain(p, text, e);
    *value = parsed;
    return true;
}

bool parameters_fall_back(const parameter *rows, size_t count, parameter_value *values)
{
    error ignored = {0};
    bool all = true;
    for (size_t i = 0; i < count; i++)
        all = rows[i].fallback != NULL &&
              parameter_parse(&rows[i], rows[i].fallback, &values[i], &ignored) && all;
    return all;
}

int parameter_index(const parameter *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (int)i;
    return -1;
}
