#include "json_text.h"

#include <string.h>

static const char not_utf8[] = "the content is not UTF-8";
static const char lone[] = "a \\u escape is half a character: a lone surrogate";

/* json_text.escape: what comes next. */
enum { PLAIN, AFTER_BACKSLASH, DIGIT_1, DIGIT_2, DIGIT_3, DIGIT_4 };

static bool first_byte(json_text *t, uint8_t byte)
{
    t->least = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    t->most = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    t->left = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    return byte >= 0xc2 && byte <= 0xf4;
}

static bool character_byte(json_text *t, uint8_t byte)
{
    if (t->left == 0)
        return byte < 0x80 || first_byte(t, byte);
    bool fine = byte >= t->least && byte <= t->most;
    t->least = 0x80;
    t->most = 0xbf;
    t->left--;
    return fine;
}

static uint32_t digit_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return (uint32_t)((byte | 0x20) - 'a' + 10) & 15;
}

/* A code unit is whole. */
static bool unit_ends(json_text *t)
{
    bool high = t->unit >= 0xd800 && t->unit <= 0xdbff;
    bool low = t->unit >= 0xdc00 && t->unit <= 0xdfff;
    bool fine = t->after_high == low;
    t->after_high = high;
    t->escape = PLAIN;
    return fine;
}

/* That the digits are digits is the parser's business. */
static bool escape_byte(json_text *t, uint8_t byte)
{
    switch (t->escape) {
    case PLAIN:
        t->escape = byte == '\\' ? AFTER_BACKSLASH : PLAIN;
        return byte == '\\' || !t->after_high;
    case AFTER_BACKSLASH:
        t->escape = byte == 'u' ? DIGIT_1 : PLAIN;
        t->unit = 0;
        return byte == 'u' || !t->after_high;
    default:
        t->unit = t->unit << 4 | digit_of(byte);
        if (t->escape == DIGIT_4)
            return unit_ends(t);
        t->escape++;
        return true;
    }
}

/* yajl takes these for blanks; JSON does not know them. */
static bool no_blank(uint8_t byte)
{
    return byte == '\v' || byte == '\f';
}

/* Not 0 when one of the eight bytes of `word` is `byte`. */
static uint64_t holds(uint64_t word, uint8_t byte)
{
    uint64_t difference = word ^ UINT64_C(0x0101010101010101) * byte;
    return (difference - UINT64_C(0x0101010101010101)) & ~difference & UINT64_C(0x8080808080808080);
}

/* Most text is plain ASCII without escapes: eight bytes at a time. */
static size_t skip_plain(const uint8_t *at, size_t length)
{
    size_t skipped = 0;
    for (; skipped + 8 <= length; skipped += 8) {
        uint64_t word;
        memcpy(&word, at + skipped, sizeof word);
        uint64_t special = holds(word, '\\') | holds(word, '\v') | holds(word, '\f');
        if (((word & UINT64_C(0x8080808080808080)) | special) != 0)
            break;
    }
    return skipped;
}

const char *json_text_feed(json_text *t, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    const uint8_t *end = at + length;
    while (at < end) {
        if (t->left == 0 && t->escape == PLAIN && !t->after_high) {
            at += skip_plain(at, (size_t)(end - at));
            if (at == end)
                break;
        }
        if (!character_byte(t, *at))
            return not_utf8;
        if (no_blank(*at))
            return "the content has a control character that is no blank";
        if (!escape_byte(t, *at))
            return lone;
        at++;
    }
    return NULL;
}

const char *json_text_end(const json_text *t)
{
    if (t->left > 0)
        return not_utf8;
    return t->after_high || t->escape != PLAIN ? lone : NULL;
}
