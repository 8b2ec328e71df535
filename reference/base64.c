#include "base64.h"

#include <ctype.h>
#include <sodium.h>

bool base64_read(const char *text, size_t length, void *out, size_t most, size_t *decoded)
{
    /* libsodium 1.0.18 takes every byte from 0x80 on for the digit '/'. */
    for (size_t i = 0; i < length; i++)
        if (!isascii((unsigned char)text[i]))
            return false;
    return sodium_base642bin(out, most, text, length, NULL, decoded, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0;
}
