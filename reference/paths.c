#include "paths.h"

#include <string.h>

#include "base/utf8.h"
#include "store.h"

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *check_text(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    while (at < end) {
        size_t length = utf8_length(at, (size_t)(end - at));
        if (length == 0)
            return "the name is not UTF-8";
        if (*at < 0x20 || *at == 0x7f)
            return "the name has a control character";
        at += length;
    }
    return NULL;
}

static const char *check_segments(const char *text)
{
    const char *at = text;
    for (;;) {
        size_t length = strcspn(at, "/");
        bool dots = (length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.');
        if (length == 0 || dots)
            return "the name has an empty, '.' or '..' segment";
        if (at[length] == '\0')
            return NULL;
        at += length + 1;
    }
}

static const char *unescape(const char *raw, char *out, size_t size)
{
    size_t used = 0;
    for (const char *at = raw; *at != '\0'; at++) {
        if (used + 1 >= size)
            return "the name is too long";
        if (*at != '%') {
            out[used++] = *at;
            continue;
        }
        int high = hexadecimal(at[1]);
        int low = high >= 0 ? hexadecimal(at[2]) : -1;
        if (low < 0)
            return "the name has a '%' that two hexadecimal digits do not follow";
        if (high == 0 && low == 0)
            return "the name has a control character";
        out[used++] = (char)(high * 16 + low);
        at += 2;
    }
    out[used] = '\0';
    return NULL;
}

bool path_unescape(const char *raw, char *out, size_t size)
{
    return unescape(raw, out, size) == NULL;
}

const char *path_check(const char *name, size_t size)
{
    if (strlen(name) >= size)
        return "the name is too long";
    const char *wrong = check_text(name);
    return wrong != NULL ? wrong : check_segments(name);
}

const char *path_unscoped(const char *stored)
{
    const char *end = strchr(stored, SCOPE_END);
    return end != NULL ? end + 1 : stored;
}

const char *path_decode(const char *raw, char *out, size_t size)
{
    const char *wrong = unescape(raw, out, size);
    return wrong != NULL ? wrong : path_check(out, size);
}
