#include "chaos/fault.h"

#include <string.h>

#include "base/check.h"
#include "base/units.h"

/* One row a kind. */
extern const fault_kind fault_kill;
extern const fault_kind fault_pause;

const fault_kind *const fault_kinds[] = {
    &fault_kill,
    &fault_pause,
};
const size_t fault_kind_count = sizeof fault_kinds / sizeof fault_kinds[0];

const fault_kind *fault_kind_named(const char *name)
{
    for (size_t i = 0; i < fault_kind_count; i++)
        if (strcmp(fault_kinds[i]->name, name) == 0)
            return fault_kinds[i];
    return NULL;
}

static bool parse_word(const fault_parameter *p, const char *text, fault_value *value)
{
    for (size_t i = 0; p->words[i] != NULL; i++) {
        if (strcmp(p->words[i], text) == 0) {
            value->number = i;
            return true;
        }
    }
    return false;
}

static bool parse_offset(const char *text, int64_t *offset)
{
    bool negative = text[0] == '-';
    uint64_t length;
    if (!units_duration(text + (negative || text[0] == '+'), &length))
        return false;
    *offset = negative ? -(int64_t)length : (int64_t)length;
    return true;
}

static const char *expected_form(fault_parameter_type type)
{
    static const char *const forms[] = {
        [FAULT_DURATION] = "a duration such as 200ms or 5s",
        [FAULT_SIZE] = "a size such as 4096 or 64KiB",
        [FAULT_WHOLE] = "a whole number",
        [FAULT_FRACTION] = "a share such as 0.3 or 30%",
        [FAULT_REAL] = "a number",
        [FAULT_OFFSET] = "a duration that may be negative, such as -3h",
        [FAULT_WORD] = "one of its words",
        [FAULT_TEXT] = "a text",
    };
    return forms[type];
}

bool fault_value_parse(fault *f, size_t index, const char *text, error *e)
{
    CHECK(index < f->kind->parameter_count && index < FAULT_PARAMETERS_MOST);
    const fault_parameter *p = &f->kind->parameters[index];
    fault_value value = {.text = text};
    bool fine = false;
    switch (p->type) {
    case FAULT_DURATION:
        fine = units_duration(text, &value.number);
        break;
    case FAULT_SIZE:
        fine = units_size(text, &value.number);
        break;
    case FAULT_WHOLE:
        fine = units_whole(text, &value.number);
        break;
    case FAULT_FRACTION:
        fine = units_fraction(text, &value.real);
        break;
    case FAULT_REAL:
        fine = units_real(text, &value.real);
        break;
    case FAULT_OFFSET:
        fine = parse_offset(text, &value.offset);
        break;
    case FAULT_WORD:
        fine = parse_word(p, text, &value);
        break;
    case FAULT_TEXT:
        fine = true;
        break;
    }
    if (fine)
        f->values[index] = value;
    return fine || error_set(e, ERROR_USAGE, "", "'%s' is not %s (%s of fault %s)", text,
                             expected_form(p->type), p->name, f->kind->name);
}
