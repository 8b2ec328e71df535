#include "checksum.h"

#include <string.h>

#include "base/check.h"
#include "base64.h"

typedef struct {
    const char *prefix;
    const EVP_MD *(*digest)(void);
    size_t size;
} algorithm;

static const algorithm algorithms[] = {
    {"sha1 ", EVP_sha1, 20},
    {"sha256 ", EVP_sha256, 32},
};

bool checksum_begin(checksum *c, const char *header)
{
    *c = (checksum){.digest = NULL};
    if (header == NULL)
        return true;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        const algorithm *a = &algorithms[i];
        size_t skip = strlen(a->prefix);
        if (strncmp(header, a->prefix, skip) != 0)
            continue;
        size_t decoded = 0;
        if (!base64_read(header + skip, strlen(header + skip), c->wanted, a->size, &decoded) ||
            decoded != a->size)
            return false;
        c->size = a->size;
        c->digest = EVP_MD_CTX_new();
        CHECK(c->digest != NULL && EVP_DigestInit_ex(c->digest, a->digest(), NULL) == 1);
        return true;
    }
    return false;
}

void checksum_add(checksum *c, const void *bytes, size_t length)
{
    if (c->digest != NULL)
        CHECK(EVP_DigestUpdate(c->digest, bytes, length) == 1);
}

bool checksum_holds(checksum *c)
{
    unsigned char seen[EVP_MAX_MD_SIZE];
    if (c->digest == NULL)
        return true;
    CHECK(EVP_DigestFinal_ex(c->digest, seen, NULL) == 1);
    checksum_free(c);
    return memcmp(seen, c->wanted, c->size) == 0;
}

void checksum_free(checksum *c)
{
    EVP_MD_CTX_free(c->digest);
    c->digest = NULL;
}
