#include "digest.h"

#include <string.h>

#include "base64.h"

/* One `name=:base64:`; false when it is not well formed. */
static bool take_bytes(const char *text, size_t length, unsigned char *out, size_t size)
{
    size_t decoded = 0;
    return length >= 2 && text[0] == ':' && text[length - 1] == ':' &&
           base64_read(text + 1, length - 2, out, size, &decoded) && decoded == size;
}

static bool take_member(digest_check *d, const char *text, size_t length)
{
    const char *sign = memchr(text, '=', length);
    if (sign == NULL || sign == text)
        return false;
    size_t name = (size_t)(sign - text);
    const char *value = sign + 1;
    size_t size = length - name - 1;
    if (name == 7 && memcmp(text, "sha-256", name) == 0) {
        d->has_256 = true;
        return take_bytes(value, size, d->wanted_256, sizeof d->wanted_256);
    }
    if (name == 7 && memcmp(text, "sha-512", name) == 0) {
        d->has_512 = true;
        return take_bytes(value, size, d->wanted_512, sizeof d->wanted_512);
    }
    return true;
}

bool digest_begin(digest_check *d, const char *header)
{
    *d = (digest_check){.has_256 = false};
    crypto_hash_sha256_init(&d->state_256);
    crypto_hash_sha512_init(&d->state_512);
    for (const char *at = header; at != NULL;) {
        at += strspn(at, " \t");
        size_t whole = strcspn(at, ",");
        size_t length = whole;
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        if (!take_member(d, at, length))
            return false;
        at = at[whole] == ',' ? at + whole + 1 : NULL;
    }
    return true;
}

void digest_add(digest_check *d, const void *bytes, size_t length)
{
    if (d->has_256)
        crypto_hash_sha256_update(&d->state_256, bytes, length);
    if (d->has_512)
        crypto_hash_sha512_update(&d->state_512, bytes, length);
}

bool digest_holds(digest_check *d)
{
    unsigned char seen_256[crypto_hash_sha256_BYTES];
    unsigned char seen_512[crypto_hash_sha512_BYTES];
    crypto_hash_sha256_final(&d->state_256, seen_256);
    crypto_hash_sha512_final(&d->state_512, seen_512);
    return (!d->has_256 || memcmp(seen_256, d->wanted_256, sizeof seen_256) == 0) &&
           (!d->has_512 || memcmp(seen_512, d->wanted_512, sizeof seen_512) == 0);
}
