/* A second reading of a JSON document, by yajl, for what the server read with jansson: whether
 * jansson must take it, and what it holds, as a flat list of values.
 *
 * Neither library is right about everything. jansson must refuse, beside what yajl refuses,
 *   - a NUL byte anywhere;
 *   - text that is not UTF-8, lone surrogates, vertical tabs and form feeds as blanks: json_text.h;
 *   - a name that stands twice in one object, and "\u0000" in a text or a name;
 *   - a number without fraction and exponent beyond 64 bits, and any other beyond a double;
 *   - more than JSON_LEVELS_MOST levels of values, the root being one and a scalar another;
 *   - a root that is neither object nor array.
 * There is nothing that yajl refuses and jansson may take. */
#ifndef FUZZ_JSON_READING_H
#define FUZZ_JSON_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define JSON_LEVELS_MOST 2048 /* of jansson */

typedef enum {
    READ_OBJECT,
    READ_ARRAY,
    READ_TEXT,
    READ_WHOLE, /* a number without fraction and exponent */
    READ_REAL,
    READ_BOOLEAN,
    READ_NULL
} read_kind;

typedef struct {
    size_t start; /* in json_reading.texts, where a NUL follows it */
    size_t length;
} read_text;

/* What a container holds stands behind it, up to `end`. */
typedef struct {
    read_kind kind;
    bool truth;     /* of a boolean */
    bool named;     /* it is a member of an object */
    size_t parent;  /* of the root: itself */
    size_t end;     /* the first value that it does not hold */
    size_t members; /* of a container */
    read_text name;
    read_text text; /* of a text or a number, as it was written */
} read_value;

/* Zero-initialise; json_read may use it again and again, json_reading_free releases it. */
typedef struct {
    const char *refusal; /* NULL: jansson must take it, and `values` is whole */
    read_value *values;
    size_t count;
    size_t room;
    buffer texts;
} json_reading;

void json_read(json_reading *r, const void *bytes, size_t length);
void json_reading_free(json_reading *r);
/* The member of that name; NULL: there is none. The root is values[0]. */
const read_value *json_member(const json_reading *r, const read_value *object, const char *name);
const read_value *json_root_member(const json_reading *r, const char *name);
bool json_text_is(const json_reading *r, read_text text, const char *wanted);
const char *json_text_of(const json_reading *r, read_text text);
/* Beyond 64 bits the refusal says so, so that no value is such a number. */
int64_t json_whole_of(const json_reading *r, const read_value *value);

#endif
