/* Repr-Digest (RFC 9530) of content that comes piece by piece: sha-256 and sha-512 are verified,
 * other algorithms are passed over, as the RFC has it. */
#ifndef REFERENCE_DIGEST_H
#define REFERENCE_DIGEST_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    bool has_256;
    bool has_512;
    unsigned char wanted_256[crypto_hash_sha256_BYTES];
    unsigned char wanted_512[crypto_hash_sha512_BYTES];
    crypto_hash_sha256_state state_256;
    crypto_hash_sha512_state state_512;
} digest_check;

/* False: the header (NULL: none was sent) is not well formed. */
bool digest_begin(digest_check *d, const char *header);
void digest_add(digest_check *d, const void *bytes, size_t length);
bool digest_holds(digest_check *d);

#endif
