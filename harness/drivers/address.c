#include "drivers/address.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

static void append_encoded(char url[ADDRESS_SIZE], const char *text, const char *marks)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = url + strlen(url);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        CHECK(out + 4 < url + ADDRESS_SIZE);
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

void address_make(const operation *o, const char *place, const char *name, char url[ADDRESS_SIZE])
{
    int used = snprintf(url, ADDRESS_SIZE, "%s%s", operation_base_url(o), place);
    CHECK(used > 0 && used < ADDRESS_SIZE);
    append_encoded(url, name, "-_.~/");
}

void address_add_value(char url[ADDRESS_SIZE], const char *text)
{
    append_encoded(url, text, "-_.~");
}
