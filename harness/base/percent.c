#include "base/percent.h"

#include <stdbool.h>
#include <string.h>

#include "base/check.h"

void percent_append(char *out, size_t size, const char *text, const char *marks)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *end = out + size;
    out += strlen(out);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        CHECK(out + 4 < end);
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr(marks, *at) != NULL;
        if (plain) {
            *out++ = (char)*at;
            continue;
        }
        *out++ = '%';
        *out++ = digits[*at >> 4];
        *out++ = digits[*at & 15];
    }
    *out = '\0';
}
