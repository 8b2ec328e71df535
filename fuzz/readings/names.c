#include "readings/names.h"

#include <ctype.h>
#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* libcurl lets a bad escape stand as it is. */
static bool escapes_are_whole(const char *raw)
{
    for (const char *sign = strchr(raw, '%'); sign != NULL; sign = strchr(sign + 1, '%'))
        if (!isxdigit((unsigned char)sign[1]) || !isxdigit((unsigned char)sign[2]))
            return false;
    return true;
}

char *reading_unescape(const char *raw, size_t size, unsigned *faults)
{
    int length;
    char *decoded = curl_easy_unescape(NULL, raw, 0, &length);
    CHECK(decoded != NULL);
    *faults = escapes_are_whole(raw) ? 0 : NAME_BAD_ESCAPE;
    if (strlen(decoded) < (size_t)length)
        *faults |= NAME_CONTROL;
    if ((size_t)length >= size)
        *faults |= NAME_TOO_LONG;
    char *out = memory_text(decoded);
    curl_free(decoded);
    return out;
}

bool reading_is_utf8(const char *text)
{
    json_t *string = json_string(text);
    json_decref(string);
    return string != NULL;
}

static bool segments_stay(const char *name)
{
    char *copy = memory_text(name);
    char *rest = copy;
    bool stay = true;
    for (const char *one; (one = strsep(&rest, "/")) != NULL;)
        if (strcmp(one, "") == 0 || strcmp(one, ".") == 0 || strcmp(one, "..") == 0)
            stay = false;
    free(copy);
    return stay;
}

unsigned reading_name(const char *name, size_t size)
{
    unsigned faults = reading_is_utf8(name) ? 0 : NAME_NOT_UTF8;
    for (const char *at = name; *at != '\0'; at++)
        if (isascii(*at) && iscntrl(*at))
            faults |= NAME_CONTROL;
    if (!segments_stay(name))
        faults |= NAME_BAD_SEGMENT;
    if (strlen(name) >= size)
        faults |= NAME_TOO_LONG;
    return faults;
}
