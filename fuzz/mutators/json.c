/* Mutates JSON by its structure: cuts the text into tokens, changes, repeats, drops, nests or swaps
 * whole values, so that most inputs still parse and reach what stands behind the parser.
 *
 * libFuzzer calls LLVMFuzzerCustomMutator; engine.c gives AFL++ the same. The first byte of
 * an input chooses the route (targets/document.c) and is kept, or changed now and then. */
#include <stdlib.h>
#include <string.h>

#include "mutator.h"

#define TOKENS_MOST 4096

typedef struct {
    size_t begin;
    size_t end; /* of a value: with all that it holds */
} span;

static size_t skip_text(const uint8_t *at, size_t i, size_t length)
{
    for (i++; i < length && at[i] != '"'; i++)
        i += at[i] == '\\';
    return i < length ? i + 1 : length;
}

static size_t skip_value(const uint8_t *at, size_t i, size_t length)
{
    if (at[i] == '"')
        return skip_text(at, i, length);
    if (at[i] != '{' && at[i] != '[') {
        while (i < length && strchr(",]}:", at[i]) == NULL)
            i++;
        return i;
    }
    for (size_t depth = 0; i < length;) {
        if (at[i] == '"') {
            i = skip_text(at, i, length);
            continue;
        }
        depth += at[i] == '{' || at[i] == '[';
        depth -= at[i] == '}' || at[i] == ']';
        i++;
        if (depth == 0)
            break;
    }
    return i;
}

static size_t skip_space(const uint8_t *at, size_t i, size_t length)
{
    while (i < length && at[i] != '\0' && strchr(" \t\r\n", at[i]) != NULL)
        i++;
    return i;
}

/* Where a value or a key may begin: at the start, and behind each of "{[,:". */
static size_t find_values(const uint8_t *at, size_t length, size_t out[TOKENS_MOST])
{
    size_t count = 0;
    bool wanted = true;
    for (size_t i = 0; i < length && count < TOKENS_MOST; i++) {
        i = skip_space(at, i, length);
        if (i == length)
            break;
        if (wanted && strchr("]},:", at[i]) == NULL)
            out[count++] = i;
        wanted = at[i] != '\0' && strchr("{[,:", at[i]) != NULL;
        if (at[i] == '"')
            i = skip_text(at, i, length) - 1;
    }
    return count;
}

static const char *const values[] = {
    "0",
    "-0",
    "1",
    "-1",
    "1e308",
    "1e309",
    "1e-400",
    "315360001",
    "1000000001",
    "9007199254740993",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1e+1",
    "01",
    ".5",
    "5.",
    "NaN",
    "Infinity",
    "true",
    "false",
    "null",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\xc0\xaf\"",
    "\"\xed\xa0\x80\"",
    "\"../x\"",
    "\"a/b\"",
    "\"\\\\\"",
    "\"\\n\"",
    "[]",
    "{}",
    "[[]]",
    "{\"\":0}",
    "{\"a\":1,\"a\":2}",
    "\"timestamp\"",
    "\"moves\"",
    "\"from\"",
    "\"to\"",
    "\"path\"",
    "\"atomic\"",
    "\"here\"",
    "\"there\"",
    "{\"from\":\"here\",\"to\":\"there\"}",
    "\"Trial\"",
    "\"1234567\"",
    "\"12345678\"",
};
#define VALUES (sizeof values / sizeof values[0])

/* What a text may hold, or may not. */
static const char *const pieces[] = {
    "\\\\",    "\\\"",           "\\/",     "\\b",     "\\n",     "\\u0000",
    "\\u001f", "\\ud83d\\ude00", "\\ud83d", "\\u005c", "\\u0022", "\xf0\x9f\x98\x80",
    "\x01",    "\x7f",           "%2e",     "~",
};
#define PIECES (sizeof pieces / sizeof pieces[0])

/* Only of those that are chosen: to look for every end would take far longer in deep nesting. */
static span whole_value(const uint8_t *at, size_t length, size_t begin)
{
    return (span){begin, skip_value(at, begin, length)};
}

/* A key with its value; anything else stays what it is. */
static span whole_member(const uint8_t *at, size_t length, span one)
{
    size_t colon = skip_space(at, one.end, length);
    if (colon == length || at[colon] != ':')
        return one;
    size_t value = skip_space(at, colon + 1, length);
    return (span){one.begin, value < length ? skip_value(at, value, length) : length};
}

static size_t change_json(uint8_t *at, size_t length, size_t most, mutator_random *r)
{
    static size_t values_begin[TOKENS_MOST];
    size_t count = find_values(at, length, values_begin);
    if (count == 0)
        return length;
    span one = whole_value(at, length, values_begin[mutator_below(r, count)]);
    span other = whole_value(at, length, values_begin[mutator_below(r, count)]);
    const char *text = values[mutator_below(r, VALUES)];
    const char *piece = pieces[mutator_below(r, PIECES)];
    switch (mutator_below(r, 7)) {
    case 0: /* another value */
        return mutator_replace(at, length, most, one.begin, one.end, text, strlen(text));
    case 1: /* a copy of another part */
        return mutator_copy(at, length, most, one.begin, one.end, other.begin, other.end);
    case 2: /* once more, as a further element or member */
        one = whole_member(at, length, one);
        length = mutator_copy(at, length, most, one.end, one.end, one.begin, one.end);
        return mutator_replace(at, length, most, one.end, one.end, ",", 1);
    case 3: /* gone, with the comma behind it */
        one = whole_member(at, length, one);
        return mutator_replace(at, length, most, one.begin,
                               one.end + (one.end < length && at[one.end] == ','), "", 0);
    case 4: /* something more in a text, or before a value */
        one.begin += at[one.begin] == '"' && one.end > one.begin;
        return mutator_replace(at, length, most, one.begin, one.begin, piece, strlen(piece));
    case 5: /* one level deeper */
        length = mutator_replace(at, length, most, one.end, one.end, "]", 1);
        return mutator_replace(at, length, most, one.begin, one.begin, "[", 1);
    default: /* many levels deeper */
        return mutator_replace(at, length, most, one.begin, one.begin, "[[[[[[[[[[[[[[[[", 16);
    }
}

size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r)
{
    if (length < 2 || most < 2)
        return 0;
    if (mutator_below(r, 50) == 0)
        bytes[0] = (uint8_t)mutator_below(r, 256);
    return 1 + change_json(bytes + 1, length - 1, most - 1, r);
}
