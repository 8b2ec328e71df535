#include "engine/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/random.h"

#define HEADER_WORDS 6
#define HEADER_SIZE  ((size_t)HEADER_WORDS * 8)
#define PIECE        4096

static uint64_t mark_of(uint64_t seed)
{
    return random_mix(seed ^ 0x4f524445414c2131u); /* "ORDEAL!1" */
}

static void make_header(const content *c, uint64_t offset, uint64_t words[HEADER_WORDS])
{
    words[0] = mark_of(c->seed);
    words[1] = c->value;
    words[2] = c->size;
    words[3] = offset;
    words[4] = c->key;
    words[5] = random_mix(
        words[0] ^ random_mix(words[1] + random_mix(words[2] + random_mix(words[3] + words[4]))));
}

/* Side by side: one instruction for both on every x86-64 and ARM64. */
typedef uint64_t two_words __attribute__((vector_size(16)));
#define STEP ((uint64_t)0x9e3779b97f4a7c15)

/* One whole block, wherever the value ends: from a start of its own, steps of an odd constant, each
 * stirred. It need not be secret, only nobody else's; what it costs is most of what an upload
 * costs.
 */
static void make_block(const content *c, uint64_t number, unsigned char bytes[CONTENT_BLOCK])
{
    uint64_t words[HEADER_WORDS];
    make_header(c, number * CONTENT_BLOCK, words);
    uint64_t start = random_mix(random_mix(c->seed + c->value) + number);
    two_words at = {start, start + STEP};
    for (size_t i = 0; i < CONTENT_BLOCK; i += sizeof at) {
        two_words stirred = at ^ (at >> 29) ^ (at << 19);
        memcpy(bytes + i, &stirred, sizeof stirred);
        at += 2 * STEP;
    }
    memcpy(bytes, words, sizeof words);
}

void content_make(const content *c, uint64_t offset, void *bytes, size_t length)
{
    CHECK(length <= c->size && offset <= c->size - length);
    unsigned char *out = bytes;
    while (length > 0) {
        size_t skip = (size_t)(offset % CONTENT_BLOCK);
        size_t piece = CONTENT_BLOCK - skip < length ? CONTENT_BLOCK - skip : length;
        if (piece == CONTENT_BLOCK) {
            make_block(c, offset / CONTENT_BLOCK, out);
        } else {
            unsigned char block[CONTENT_BLOCK];
            make_block(c, offset / CONTENT_BLOCK, block);
            memcpy(out, block + skip, piece);
        }
        out += piece;
        offset += piece;
        length -= piece;
    }
}

uint64_t content_key_hash(const char *name, size_t length)
{
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++)
        hash = random_mix(hash ^ (unsigned char)name[i]);
    return hash;
}

void content_check_begin(content_check *check, uint64_t seed, uint64_t offset,
                         uint64_t expected_value)
{
    /* Not all of it, which is large and made for every read. */
    check->seed = seed;
    check->offset = offset;
    check->at = offset;
    check->value = 0;
    check->wanted = expected_value;
    check->key = 0;
    check->size = 0;
    check->wrong_at = 0;
    check->wrong_value = 0;
    check->wrong = false;
    check->sentence[0] = '\0';
    check->pending_length = 0;
    memset(check->expected_bytes, 0, sizeof check->expected_bytes);
    memset(check->seen_bytes, 0, sizeof check->seen_bytes);
}

static void remember_bytes(unsigned char out[8], const unsigned char *bytes, size_t length)
{
    memset(out, 0, 8);
    memcpy(out, bytes, length < 8 ? length : 8);
}

static void mismatch(content_check *check, uint64_t at, uint64_t whose, const char *sentence)
{
    if (check->wrong)
        return;
    check->wrong = true;
    check->wrong_at = at;
    check->wrong_value = whose;
    snprintf(check->sentence, sizeof check->sentence, "%s", sentence);
}

static void name_write(char *text, size_t size, uint64_t value)
{
    snprintf(text, size, "write %" PRIu32 "/%" PRIu32, (uint32_t)(value >> 32), (uint32_t)value);
}

/* Says what the bytes seen at `at` are, as far as they tell. `seen` begins at `at`. */
static void explain(content_check *check, uint64_t at, const unsigned char *seen, size_t length,
                    const unsigned char *block_start)
{
    char sentence[160];
    uint64_t words[2];
    size_t zeroes = 0;
    while (zeroes < length && seen[zeroes] == 0)
        zeroes++;
    if (block_start != NULL &&
        (memcpy(words, block_start, sizeof words), words[0] == mark_of(check->seed)) &&
        words[1] != check->value) {
        char other[32];
        name_write(other, sizeof other, words[1]);
        snprintf(sentence, sizeof sentence, "bytes of %s at %" PRIu64, other, at);
        mismatch(check, at, words[1], sentence);
        return;
    }
    if (zeroes >= 8 || (zeroes == length && length > 0))
        snprintf(sentence, sizeof sentence, "zeroes from byte %" PRIu64 " on", at);
    else
        snprintf(sentence, sizeof sentence, "a wrong byte at %" PRIu64, at);
    mismatch(check, at, 0, sentence);
}

static content described(const content_check *check)
{
    return (content){
        .seed = check->seed, .value = check->value, .key = check->key, .size = check->size};
}

static void compare_piece(content_check *check, uint64_t at, const unsigned char *seen,
                          size_t length)
{
    unsigned char expected[PIECE];
    CHECK(length <= sizeof expected);
    content c = described(check);
    content_make(&c, at, expected, length);
    if (memcmp(expected, seen, length) == 0)
        return;
    size_t i = 0;
    while (expected[i] == seen[i])
        i++;
    remember_bytes(check->expected_bytes, expected + i, length - i);
    remember_bytes(check->seen_bytes, seen + i, length - i);
    uint64_t in_block = (at + i) % CONTENT_BLOCK;
    bool start_seen = in_block <= i && length - (i - in_block) >= 16;
    explain(check, at + i, seen + i, length - i, start_seen ? seen + i - in_block : NULL);
}

static void compare(content_check *check, uint64_t at, const unsigned char *seen, size_t length)
{
    if (at + length > check->size) {
        char sentence[160];
        snprintf(sentence, sizeof sentence, "goes on after its end at byte %" PRIu64, check->size);
        mismatch(check, check->size, 0, sentence);
        length = at < check->size ? (size_t)(check->size - at) : 0;
    }
    while (length > 0 && !(check->wrong && check->wrong_at <= at)) {
        size_t piece = length < PIECE ? length : PIECE;
        compare_piece(check, at, seen, piece);
        at += piece;
        seen += piece;
        length -= piece;
    }
}

/* Where in `pending` the first block header begins; may lie beyond what has come. */
static size_t header_place(const content_check *check)
{
    return (size_t)((CONTENT_BLOCK - check->offset % CONTENT_BLOCK) % CONTENT_BLOCK);
}

static void identify(content_check *check)
{
    const unsigned char *header = check->pending + header_place(check);
    uint64_t words[HEADER_WORDS];
    memcpy(words, header, sizeof words);
    content c = {.seed = check->seed, .value = words[1], .size = words[2], .key = words[4]};
    uint64_t made[HEADER_WORDS];
    make_header(&c, check->offset + header_place(check), made);
    if (memcmp(words, made, sizeof words) != 0 || words[1] == 0) {
        uint64_t at = check->offset + header_place(check);
        remember_bytes(check->seen_bytes, header, 8);
        remember_bytes(check->expected_bytes, (const unsigned char *)made, 8);
        bool marked = words[0] == mark_of(check->seed);
        explain(check, at, header, sizeof words, marked ? header : NULL);
        return;
    }
    check->value = words[1];
    check->size = words[2];
    check->key = words[4];
}

/* Takes of `in` what is missing of the first header; returns how much. */
static size_t complete_header(content_check *check, const unsigned char *in, size_t length)
{
    size_t missing = header_place(check) + HEADER_SIZE - check->pending_length;
    size_t piece = missing < length ? missing : length;
    memcpy(check->pending + check->pending_length, in, piece);
    check->pending_length += piece;
    check->at += piece;
    if (piece == missing)
        identify(check);
    return piece;
}

void content_check_feed(content_check *check, const void *bytes, size_t length)
{
    const unsigned char *in = bytes;
    if (check->value == 0 && !check->wrong) {
        bool begun = check->pending_length > 0;
        size_t piece = complete_header(check, in, length);
        if (check->value != 0 && begun)
            compare(check, check->offset, check->pending, check->pending_length);
        /* Mostly the header comes together with what follows it: that is compared as one. */
        if (check->value != 0 && !begun)
            check->at = check->offset;
        else {
            in += piece;
            length -= piece;
        }
    }
    if (check->value != 0 && length > 0)
        compare(check, check->at, in, length);
    check->at += length;
}

/* A range that ended before a whole header came: compare with the words that it has. */
static content_answer end_short(content_check *check, bool whole)
{
    uint64_t words[HEADER_WORDS] = {0};
    size_t length = check->pending_length;
    bool at_start = check->offset % CONTENT_BLOCK == 0;
    size_t known = length < 8 ? length : 8;
    memcpy(words, check->pending, length < sizeof words ? length : sizeof words);
    uint64_t mark = mark_of(check->seed);
    if (at_start && memcmp(&mark, check->pending, known) != 0) {
        remember_bytes(check->seen_bytes, check->pending, length);
        remember_bytes(check->expected_bytes, (const unsigned char *)&mark, known);
        explain(check, check->offset, check->pending, length, NULL);
        return CONTENT_WRONG;
    }
    if (!at_start || length < CONTENT_IDENTITY)
        return CONTENT_UNIDENTIFIED;
    check->value = words[1];
    if (whole && length >= 24 && words[2] != check->offset + length) {
        char sentence[160];
        snprintf(sentence, sizeof sentence, "ends at %" PRIu64 " of %" PRIu64, check->at, words[2]);
        mismatch(check, check->at, 0, sentence);
        return CONTENT_WRONG;
    }
    check->size = whole ? check->offset + length : 0;
    return CONTENT_GOOD;
}

content_answer content_check_end(content_check *check, bool whole)
{
    if (check->wrong)
        return CONTENT_WRONG;
    if (check->value == 0) {
        content_answer answer = end_short(check, whole);
        if (answer != CONTENT_GOOD)
            return answer;
    }
    if (check->wanted != 0 && check->value != check->wanted) {
        char sentence[160];
        char other[32];
        name_write(other, sizeof other, check->value);
        snprintf(sentence, sizeof sentence, "the whole content is that of %s", other);
        mismatch(check, check->offset, check->value, sentence);
        return CONTENT_WRONG;
    }
    if (whole && check->at < check->size) {
        char sentence[160];
        snprintf(sentence, sizeof sentence, "ends at %" PRIu64 " of %" PRIu64, check->at,
                 check->size);
        mismatch(check, check->at, 0, sentence);
        return CONTENT_WRONG;
    }
    return CONTENT_GOOD;
}
