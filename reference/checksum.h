/* Upload-Checksum of tus: "sha1 BASE64" or "sha256 BASE64" of content that comes piece by piece. */
#ifndef REFERENCE_CHECKSUM_H
#define REFERENCE_CHECKSUM_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    EVP_MD_CTX *digest; /* NULL: no checksum was sent */
    unsigned char wanted[32];
    size_t size;
} checksum;

/* False: the header (NULL: none was sent) is not well formed or names another algorithm. */
bool checksum_begin(checksum *c, const char *header);
void checksum_add(checksum *c, const void *bytes, size_t length);
/* Ends it: nothing is left to free. */
bool checksum_holds(checksum *c);
void checksum_free(checksum *c);

#endif
