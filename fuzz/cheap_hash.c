/* Argon2id takes 12 MiB and milliseconds on purpose, which a fuzzer has not: these stand in for it.
 */
#include <sodium.h>
#include <string.h>

#include "base/check.h"

int __wrap_crypto_pwhash_str_alg(char out[crypto_pwhash_STRBYTES], const char *password,
                                 unsigned long long length, unsigned long long passes,
                                 size_t memory, int algorithm);
int __wrap_crypto_pwhash_str_verify(const char *hash, const char *password,
                                    unsigned long long length);

int __wrap_crypto_pwhash_str_alg(char out[crypto_pwhash_STRBYTES], const char *password,
                                 unsigned long long length, unsigned long long passes,
                                 size_t memory, int algorithm)
{
    unsigned char hash[crypto_generichash_BYTES];
    CHECK(passes > 0 && memory > 0 && algorithm == crypto_pwhash_ALG_ARGON2ID13);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)password, length, NULL, 0);
    sodium_bin2hex(out, crypto_pwhash_STRBYTES, hash, sizeof hash);
    return 0;
}

int __wrap_crypto_pwhash_str_verify(const char *hash, const char *password,
                                    unsigned long long length)
{
    char wanted[crypto_pwhash_STRBYTES];
    __wrap_crypto_pwhash_str_alg(wanted, password, length, 1, 1, crypto_pwhash_ALG_ARGON2ID13);
    return strcmp(hash, wanted) == 0 ? 0 : -1;
}
