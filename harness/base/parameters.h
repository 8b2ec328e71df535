/* Parameters that a table row declares and a scenario fills: faults, behaviours and judges share
 * this form.
 *
 * A row states name, type, fallback and a description; parameter_parse turns the scenario's text
 * into a value or says what would be right. Texts stay owned by whoever passed them in (the plan's
 * arena). */
#ifndef ORDEAL_BASE_PARAMETERS_H
#define ORDEAL_BASE_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PARAMETERS_MOST 12 /* of one row */

typedef enum {
    PARAMETER_DURATION, /* "200ms"; number holds nanoseconds */
    PARAMETER_SIZE,     /* "64KiB"; number holds bytes */
    PARAMETER_WHOLE,    /* number */
    PARAMETER_FRACTION, /* "30%"; real holds 0..1 */
    PARAMETER_REAL,     /* real, may be negative */
    PARAMETER_OFFSET,   /* a duration that may be negative, "-3h"; offset holds nanoseconds */
    PARAMETER_SWITCH,   /* "true", "false"; number holds 1 or 0 */
    PARAMETER_WORD,     /* one of `words`; number holds its index */
    PARAMETER_TEXT,     /* text */
} parameter_type;

typedef struct {
    const char *name;
    parameter_type type;
    const char *fallback; /* NULL: the scenario must give it */
    const char *description;
    const char *const *words; /* PARAMETER_WORD only; ends in NULL */
} parameter;

typedef struct {
    uint64_t number;
    int64_t offset;
    double real;
    const char *text; /* always what the scenario (or the fallback) said */
} parameter_value;

/* ERROR_USAGE, with no place, when `text` does not fit the type; *value is then untouched. */
bool parameter_parse(const parameter *p, const char *text, parameter_value *value, error *e);
/* Fills `values` with the fallbacks; false when one of the rows has none, whose value then stays as
 * it is. */
bool parameters_fall_back(const parameter *rows, size_t count, parameter_value *values);
/* Index of the row called `name`, or -1. */
int parameter_index(const parameter *rows, size_t count, const char *name);

#endif
