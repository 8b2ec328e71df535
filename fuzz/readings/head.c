#include "readings/head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELDS_MOST        64
#define FIELD_LONGEST      8192
#define LENGTH_DIGITS_MOST 18

/* Of a condition, a range, a digest, a token or of an upload. */
static const char *const once[] = {
    "authorization", "content-range", "content-type",    "if-match",      "if-none-match",
    "if-range",      "last-event-id", "range",           "repr-digest",   "tus-resumable",
    "upload-concat", "upload-length", "upload-checksum", "upload-offset", "upload-metadata"};

/* How often it stands there; `value` is the last one's. What wire_ask adds of itself counts. */
static unsigned times(const wire_request *asked, const char *name, const char **value)
{
    unsigned count = 0;
    for (size_t i = 0; i < asked->field_count; i++) {
        if (strcasecmp(asked->fields[i].name, name) != 0)
            continue;
        *value = asked->fields[i].value;
        count++;
    }
    return count;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text) && *text != '\t')
            return true;
    return false;
}

static bool too_large(const wire_request *asked)
{
    size_t added = asked->bare ? 0 : asked->length == WIRE_NO_BODY ? 1 : 2;
    if (asked->field_count + added > FIELDS_MOST)
        return true;
    for (size_t i = 0; i < asked->field_count; i++)
        if (strlen(asked->fields[i].name) + strlen(asked->fields[i].value) > FIELD_LONGEST)
            return true;
    return false;
}

static bool is_length(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= LENGTH_DIGITS_MOST && text[digits] == '\0';
}

static bool says_wrong_things(const wire_request *asked)
{
    const char *value = "";
    for (size_t i = 0; i < asked->field_count; i++)
        if (has_control(asked->fields[i].name) || has_control(asked->fields[i].value))
            return true;
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (times(asked, once[i], &value) > 1)
            return true;
    return times(asked, "host", &value) != (asked->bare ? 1 : 0);
}

static bool is_framed_wrongly(const wire_request *asked)
{
    const char *value = "";
    const char *length = "";
    unsigned codings = times(asked, "transfer-encoding", &value);
    unsigned lengths = times(asked, "content-length", &length);
    bool added = !asked->bare && asked->length != WIRE_NO_BODY;
    if (lengths > 0 && !is_length(length))
        return true;
    if (lengths + (added ? 1 : 0) + (codings > 0 ? 1 : 0) > 1)
        return true;
    bool empty = codings == 0 && (!added || asked->length == 0) && strtoull(length, NULL, 10) == 0;
    return empty && times(asked, "expect", &value) > 0;
}

unsigned head_reading(const wire_request *asked)
{
    const char *coding = "";
    if (too_large(asked))
        return 431;
    if (says_wrong_things(asked) || is_framed_wrongly(asked))
        return 400;
    unsigned codings = times(asked, "transfer-encoding", &coding);
    return codings > 1 || (codings == 1 && strcasecmp(coding, "chunked") != 0) ? 501 : 0;
}
