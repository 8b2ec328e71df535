#include "readings/sample_rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SIZE_MOST   2048 /* without blanks, and each text written as shortly as JSON can */
#define NAMES_MOST  64   /* in the sample and all objects within it */
#define LEVELS_MOST 8
#define NUMBER_MOST 64

typedef struct {
    const char *at; /* the text, up to where values were looked at */
    const char *end;
    size_t size;
    size_t names;
    const char *broken;
} measure;

static void add_value(measure *m, const json_t *value, int level);

/* The text is JSON, or jansson had not read it. */
static size_t next_number(measure *m)
{
    static const char letters[] = "+-.0123456789eE";
    while (m->at < m->end && strchr("-0123456789", *m->at) == NULL) {
        if (*m->at++ != '"')
            continue;
        while (*m->at != '"')
            m->at += *m->at == '\\' ? 2 : 1;
        m->at++;
    }
    const char *first = m->at;
    while (m->at < m->end && memchr(letters, *m->at, sizeof letters - 1) != NULL)
        m->at++;
    return (size_t)(m->at - first);
}

static void add_text(measure *m, const char *text, size_t length)
{
    m->size += 2;
    for (size_t i = 0; i < length; i++) {
        bool is_short = text[i] != '\0' && strchr("\"\\\b\f\n\r\t", text[i]) != NULL;
        bool is_long = (unsigned char)text[i] < 0x20;
        m->size += is_short ? 2 : is_long ? 6 : 1;
    }
}

static void add_object(measure *m, const json_t *object, int level)
{
    const char *name;
    json_t *value;
    size_t names = json_object_size(object);
    m->size += 2 + names + (names > 0 ? names - 1 : 0);
    m->names += names;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        add_text(m, name, strlen(name));
        add_value(m, value, level);
    }
}

static void add_array(measure *m, const json_t *array, int level)
{
    size_t i;
    const json_t *value;
    size_t count = json_array_size(array);
    m->size += 2 + (count > 0 ? count - 1 : 0);
    json_array_foreach(array, i, value)
    {
        add_value(m, value, level);
    }
}

/* `level`: of what it is in. */
static void add_value(measure *m, const json_t *value, int level)
{
    size_t length = 0;
    if (m->broken != NULL)
        return;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (level == LEVELS_MOST)
            m->broken = "a sample has at most 8 levels";
        else if (json_is_object(value))
            add_object(m, value, level + 1);
        else
            add_array(m, value, level + 1);
        break;
    case JSON_STRING:
        add_text(m, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        length = next_number(m);
        m->size += length;
        if (length > NUMBER_MOST)
            m->broken = "a number has at most 64 characters";
        break;
    case JSON_FALSE:
        m->size += 5;
        break;
    case JSON_TRUE:
    case JSON_NULL:
        m->size += 4;
        break;
    }
}

static const char *one_broken(measure *m, const json_t *sample)
{
    const json_t *timestamp = json_object_get(sample, "timestamp");
    if (!json_is_object(sample))
        return "a sample is an object";
    if (!json_is_number(timestamp) || !(json_number_value(timestamp) > 0))
        return "'timestamp' is a number above 0";
    m->size = 0;
    m->names = 0;
    add_value(m, sample, 0);
    if (m->broken == NULL && m->size > SIZE_MOST)
        return "a sample has at most 2048 bytes";
    if (m->broken == NULL && m->names > NAMES_MOST)
        return "a sample has at most 64 names";
    return m->broken;
}

const char *sample_rule_broken(const json_t *root, const void *text, size_t length, size_t kept,
                               size_t *size)
{
    size_t i;
    const json_t *sample;
    const char *broken = NULL;
    measure m = {.at = text, .end = (const char *)text + length};
    *size = 0;
    if (!json_is_array(root)) {
        broken = one_broken(&m, root);
        *size = m.size;
        return broken;
    }
    json_array_foreach(root, i, sample)
    {
        broken = broken == NULL ? one_broken(&m, sample) : broken;
        *size += i + kept >= json_array_size(root) ? m.size : 0;
    }
    return broken;
}
