/* Header fields: Repr-Digest, Upload-Checksum, lists of ETags, and the quantities of base/units.
 *
 * Oracles: the true digest of a content is accepted and holds, with one bit of the content changed
 * it does not; a list of ETags built from the one asked for names it; a quantity printed as a whole
 * number is read as the same number. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "checksum.h"
#include "digest.h"
#include "fuzz.h"
#include "store.h"

static bool digest_says(const char *header, const uint8_t *content, size_t length)
{
    digest_check d;
    if (!digest_begin(&d, header))
        return false;
    digest_add(&d, content, length / 2);
    digest_add(&d, content + length / 2, length - length / 2);
    return digest_holds(&d);
}

static bool checksum_says(const char *header, const uint8_t *content, size_t length)
{
    checksum c;
    if (!checksum_begin(&c, header))
        return false;
    checksum_add(&c, content, length / 2);
    checksum_add(&c, content + length / 2, length - length / 2);
    return checksum_holds(&c);
}

static void true_digest(const uint8_t *content, size_t length)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64];
    char header[128];
    crypto_hash_sha256(hash, content, length);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    snprintf(header, sizeof header, "unknown=:AA==:, sha-256=:%s:", text);
    ORACLE(digest_says(header, content, length));
    snprintf(header, sizeof header, "sha256 %s", text);
    ORACLE(checksum_says(header, content, length));
    if (length == 0)
        return;
    uint8_t *wrong = memory_take(length);
    memcpy(wrong, content, length);
    wrong[length - 1] ^= 1;
    ORACLE(!checksum_says(header, wrong, length));
    snprintf(header, sizeof header, "sha-256=:%s:", text);
    ORACLE(!digest_says(header, wrong, length));
    free(wrong);
}

static void tags(const char *list, const char *word)
{
    char one[160];
    char *longer;
    /* What may stand inside an ETag: no quote, no control, no blank. */
    size_t plain = 0;
    while (plain < 100 && (unsigned char)word[plain] > 0x22 && (unsigned char)word[plain] < 0x7f)
        plain++;
    snprintf(one, sizeof one, "\"%.*s\"", (int)plain, word);
    etag_listed(list, one);
    ORACLE(etag_listed("*", one) && etag_listed(one, one));
    ORACLE(asprintf(&longer, "\"x%.90s\", %s", one[1] == '"' ? "" : "y", one) > 0);
    ORACLE(etag_listed(longer, one));
    free(longer);
    ORACLE(asprintf(&longer, "W/%s", one) > 0);
    ORACLE(!etag_listed(longer, one));
    free(longer);
}

static void quantities(const char *text)
{
    uint64_t number = 7;
    uint64_t again = 0;
    double real = 7;
    char printed[32];
    if (units_whole(text, &number)) {
        snprintf(printed, sizeof printed, "%llu", (unsigned long long)number);
        ORACLE(units_whole(printed, &again) && again == number);
    } else {
        ORACLE(number == 7);
    }
    number = 7;
    ORACLE(units_size(text, &number) || number == 7);
    number = 7;
    ORACLE(units_duration(text, &number) || number == 7);
    ORACLE(units_fraction(text, &real) ? real >= 0 && real <= 1 : real == 7);
    real = 7;
    ORACLE(units_real(text, &real) || real == 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    char *header = fuzz_text(&in, 4096);
    char *word = fuzz_text(&in, 100);
    digest_says(header, in.at, in.left);
    checksum_says(header, in.at, in.left);
    tags(header, word);
    quantities(header);
    true_digest(in.at, in.left);
    free(header);
    free(word);
    return 0;
}
