/* Header fields: Repr-Digest, Upload-Checksum, lists of ETags, and the quantities of base/units.
 *
 * Oracles: each field is base64, well formed, holds, names a tag, is a quantity and which exactly
 * when a second reading says so (readings/fields.h and readings/quantities.h, where the allowed
 * differences stand), in whatever pieces the content comes; with one bit of the content changed its
 * true digest does not hold; what is shown to people means the same quantity.
 *
 * An input is a field, a word and the content. In the field $1 $2 $5 stand for the content's
 * digests by sha1, sha256 and sha512, which no mutation would guess. */
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/units.h"
#include "base64.h"
#include "checksum.h"
#include "digest.h"
#include "fuzz.h"
#include "readings/fields.h"
#include "readings/quantities.h"
#include "store.h"

/* The content and where it is cut into three. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t first;
    size_t second;
} pieces;

static field_verdict digest_says(const char *header, const pieces *of)
{
    digest_check d;
    if (!digest_begin(&d, header))
        return FIELD_MALFORMED;
    digest_add(&d, of->bytes, of->first);
    digest_add(&d, of->bytes + of->first, of->second - of->first);
    digest_add(&d, of->bytes + of->second, of->length - of->second);
    return digest_holds(&d) ? FIELD_RIGHT : FIELD_WRONG;
}

static field_verdict checksum_says(const char *header, const pieces *of)
{
    checksum c;
    if (!checksum_begin(&c, header))
        return FIELD_MALFORMED;
    checksum_add(&c, of->bytes, of->first);
    checksum_add(&c, of->bytes + of->first, of->second - of->first);
    checksum_add(&c, of->bytes + of->second, of->length - of->second);
    return checksum_holds(&c) ? FIELD_RIGHT : FIELD_WRONG;
}

static void fill_in(const char *field, const true_digests *of, buffer *header)
{
    for (const char *at = field; *at != '\0';) {
        size_t before = strcspn(at, "$");
        CHECK(buffer_append(header, at, before));
        at += before;
        if (*at == '\0')
            return;
        const char *digest = at[1] == '1'   ? of->sha1
                             : at[1] == '2' ? of->sha256
                             : at[1] == '5' ? of->sha512
                                            : "";
        CHECK(buffer_text_append(header, digest));
        at += digest[0] != '\0' ? 2 : 1;
    }
}

/* What was begun and is given up leaves nothing behind, which the sanitizer sees. */
static void give_up(const char *header)
{
    checksum c;
    if (checksum_begin(&c, header))
        checksum_free(&c);
}

static void digests(const char *field, pieces of, const true_digests *truth)
{
    buffer header = {0};
    fill_in(field, truth, &header);
    const char *text = buffer_text(&header);
    ORACLE(digest_says(text, &of) == reading_repr_digest(text, truth));
    ORACLE(checksum_says(text, &of) == reading_upload_checksum(text, truth));
    give_up(text);
    buffer_free(&header);
    ORACLE(digest_says(NULL, &of) == FIELD_RIGHT && checksum_says(NULL, &of) == FIELD_RIGHT);
}

/* A digest of all four, by turns: to hash is most of what an input costs. */
static void changed_content(pieces of, const true_digests *truth, size_t turn)
{
    char header[256];
    uint8_t *wrong = memory_take(of.length);
    memcpy(wrong, of.bytes, of.length);
    wrong[of.length - 1] ^= 1;
    of.bytes = wrong;
    if (turn % 2 == 0) {
        snprintf(header, sizeof header, "%s %s", turn % 4 == 0 ? "sha256" : "sha1",
                 turn % 4 == 0 ? truth->sha256 : truth->sha1);
        ORACLE(checksum_says(header, &of) == FIELD_WRONG);
    } else {
        snprintf(header, sizeof header, "%s=:%s:", turn % 4 == 1 ? "sha-256" : "sha-512",
                 turn % 4 == 1 ? truth->sha256 : truth->sha512);
        ORACLE(digest_says(header, &of) == FIELD_WRONG);
    }
    free(wrong);
}

/* Buffers of exactly the sizes, so that the sanitizer sees the first byte too many. */
static void base64(const char *text)
{
    size_t length = strlen(text);
    size_t wanted = 0;
    size_t decoded = 0;
    char *bare = memory_take(length + 1);
    memcpy(bare + 1, text, length);
    unsigned char *bytes = memory_take(length);
    bool well = reading_is_base64(text, &wanted);
    ORACLE(base64_read(bare + 1, length, bytes, length, &decoded) == well);
    if (well && wanted > 0) {
        ORACLE(decoded == wanted);
        EVP_EncodeBlock((unsigned char *)bare, bytes, (int)decoded);
        ORACLE(memcmp(bare, text, length) == 0);
        unsigned char *exact = memory_take(wanted);
        ORACLE(base64_read(text, length, exact, wanted, &decoded) && decoded == wanted);
        ORACLE(!base64_read(text, length, exact, wanted - 1, &decoded));
        free(exact);
    }
    free(bytes);
    free(bare);
}

static void ask(const char *list, const char *tag)
{
    ORACLE(etag_listed(list, tag) == reading_listed(list, tag, false));
    ORACLE(etag_listed_weakly(list, tag) == reading_listed(list, tag, true));
}

/* What may stand inside an ETag: no quote, no control, no blank. */
static size_t plain(const char *at)
{
    size_t length = 0;
    while (length < 100 && (at[length] == '!' || (unsigned char)at[length] > '"') &&
           at[length] != 0x7f)
        length++;
    return length;
}

static void tag_of_word(const char *list, const char *word)
{
    char one[160];
    char *longer;
    snprintf(one, sizeof one, "\"%.*s\"", (int)plain(word), word);
    ask(list, one);
    ORACLE(etag_listed("*", one) && etag_listed(one, one) && etag_listed_weakly(one, one));
    ORACLE(asprintf(&longer, "\"x%.90s\", %s", one[1] == '"' ? "" : "y", one) > 0);
    ORACLE(etag_listed(longer, one));
    free(longer);
    ORACLE(asprintf(&longer, "W/%s", one) > 0);
    ORACLE(!etag_listed(longer, one) && etag_listed_weakly(longer, one));
    free(longer);
}

/* Every tag that the list may name, also what stands between two of its tags and is none. */
static void tags_of_list(const char *list)
{
    char one[160];
    unsigned most = 3;
    for (const char *at = strchr(list, '"'); at != NULL && most > 0; at = strchr(at + 1, '"')) {
        size_t length = plain(at + 1);
        if (at[1 + length] != '"')
            continue;
        snprintf(one, sizeof one, "%.*s", (int)length + 2, at);
        ask(list, one);
        most--;
    }
}

static void shown(uint64_t number)
{
    char text[32];
    ORACLE(reading_shows_duration(units_show_duration(number, text), number));
    ORACLE(reading_shows_size(units_show_size(number, text), number));
}

static void whole_quantities(const char *text)
{
    uint64_t number = 7;
    bool taken = units_whole(text, &number);
    quantity read = reading_whole(text);
    ORACLE(taken ? number == (uint64_t)read.value : number == 7);
    ORACLE(reading_agrees(read, taken, number, 0));
    shown(number);
    number = 7;
    taken = units_size(text, &number);
    ORACLE(reading_agrees(reading_size(text), taken, number, 0.5L) && (taken || number == 7));
    shown(number);
    number = 7;
    taken = units_duration(text, &number);
    ORACLE(reading_agrees(reading_duration(text), taken, number, 0.5L) && (taken || number == 7));
    shown(number);
}

static void broken_quantities(const char *text)
{
    double number = 7;
    bool taken = units_fraction(text, &number);
    ORACLE(taken ? number >= 0 && number <= 1 : number == 7);
    ORACLE(reading_agrees(reading_fraction(text), taken, (long double)number, 0));
    number = 7;
    taken = units_real(text, &number);
    ORACLE(taken ? signbit(number) == (text[0] == '-') : number == 7);
    ORACLE(reading_agrees(reading_real(text), taken, (long double)number, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    char *field = fuzz_text(&in, 4096);
    char *word = fuzz_text(&in, 100);
    pieces of = {.bytes = in.at, .length = in.left};
    of.first = strlen(field) % (of.length + 1);
    of.second = of.first + strlen(word) % (of.length - of.first + 1);
    true_digests truth = reading_digests(of.bytes, of.length);
    digests(field, of, &truth);
    if (of.length > 0)
        changed_content(of, &truth, strlen(field));
    base64(field);
    tag_of_word(field, word);
    tags_of_list(field);
    whole_quantities(field);
    broken_quantities(field);
    shown(fuzz_number(&in, 8) >> strlen(word) % 64);
    free(field);
    free(word);
    return 0;
}
