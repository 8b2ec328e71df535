#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "json_text.h"
#include "samples.h"

static const char mixed[] =
    " [ {\"timestamp\":1.5e3,\"a\\u00e9\":\"\\ud83c\\udf04 \\\\ud800 \xc3\xa9 \\\" \"} ,\n"
    "{\"list\":[1,{\"b\":[true,false,null]},{\"b\":-0.0}],\"timestamp\":2,\"\":\"\"} ] ";

static bool take(const char *bytes, size_t length, size_t first, buffer *rows)
{
    samples *s = samples_open();
    bool fine = samples_feed(s, bytes, first) && samples_feed(s, bytes + first, length - first) &&
                samples_end(s);
    size_t count;
    size_t size;
    const char *text = samples_rows(s, &count, &size);
    if (fine)
        buffer_append(rows, text, size);
    else
        cr_assert_str_neq(samples_wrong(s), "");
    samples_close(s);
    return fine;
}

Test(samples, any_split_of_them_equals_the_whole)
{
    buffer whole = {0};
    cr_assert(take(mixed, sizeof mixed - 1, 0, &whole));
    cr_assert_str_eq(buffer_text(&whole),
                     ",{\"timestamp\":1.5e3,\"a\xc3\xa9\":\"\xf0\x9f\x8c\x84 \\\\ud800 \xc3\xa9 "
                     "\\\" \"}\n,{\"list\":[1,{\"b\":[true,false,null]},{\"b\":-0.0}],"
                     "\"timestamp\":2,\"\":\"\"}\n");
    for (size_t first = 1; first < sizeof mixed - 1; first++) {
        buffer rows = {0};
        cr_assert(take(mixed, sizeof mixed - 1, first, &rows), "%zu", first);
        cr_assert_str_eq(buffer_text(&rows), buffer_text(&whole));
        buffer_free(&rows);
    }
    buffer_free(&whole);
}

Test(samples, no_beginning_of_them_is_taken_for_the_whole)
{
    for (size_t length = 0; length < sizeof mixed - 2; length++)
        cr_assert_not(take(mixed, length, length / 2, NULL), "%zu", length);
}

Test(samples, only_the_last_thousand_are_held)
{
    samples *s = samples_open();
    char one[64];
    cr_assert(samples_feed(s, "[", 1));
    for (int i = 1; i <= 10000; i++) {
        snprintf(one, sizeof one, "%s{\"timestamp\":%d}", i > 1 ? "," : "", i);
        cr_assert(samples_feed(s, one, strlen(one)));
    }
    cr_assert(samples_feed(s, "]", 1) && samples_end(s));
    cr_assert_eq(samples_count(s), 10000);
    size_t count;
    size_t length;
    const char *rows = samples_rows(s, &count, &length);
    const char *const last = ",{\"timestamp\":9999}\n,{\"timestamp\":10000}\n";
    cr_assert_eq(count, 1000);
    cr_assert_eq(strncmp(rows, ",{\"timestamp\":9001}\n", 20), 0);
    cr_assert_str_eq(rows + length - strlen(last), last);
    cr_assert_lt(samples_memory(s), 200000);
    samples_close(s);
}

static bool takes_keys_within(unsigned count)
{
    buffer rows = {0};
    buffer text = {0};
    buffer_text_append(&text, "{\"timestamp\":1,\"a\":{\"x\":1},\"b\":{\"x\":1");
    for (unsigned i = 5; i < count; i++)
        buffer_printf(&text, ",\"%u\":1", i);
    buffer_text_append(&text, "}}");
    bool fine = take(text.bytes, text.length, 0, &rows);
    buffer_free(&rows);
    buffer_free(&text);
    return fine;
}

Test(samples, the_keys_of_an_object_that_is_over_count_too)
{
    cr_assert(takes_keys_within(SAMPLE_KEYS));
    cr_assert_not(takes_keys_within(SAMPLE_KEYS + 1));
}

Test(samples, an_endless_text_or_gap_is_refused_in_bounded_memory)
{
    static char piece[10000];
    static const char *const heads[] = {"{\"timestamp\":1,\"a\":\"", "{", "[", "{\"timestamp\":"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        samples *s = samples_open();
        memset(piece, i == 3 ? '1' : i == 0 ? 'x' : ' ', sizeof piece);
        bool fine = samples_feed(s, heads[i], strlen(heads[i]));
        for (int j = 0; j < 100 && fine; j++)
            fine = samples_feed(s, piece, sizeof piece);
        cr_assert_not(fine, "%s", heads[i]);
        samples_close(s);
    }
}

Test(json_text, knows_every_first_byte_of_a_character)
{
    for (unsigned first = 0x80; first < 0x100; first++) {
        unsigned char bytes[] = {(unsigned char)first, 0xa0, 0x80, 0x80};
        bool taken = false;
        for (size_t length = 1; length <= sizeof bytes; length++) {
            json_text t = {0};
            const char *wrong = json_text_feed(&t, bytes, length);
            taken = taken || (wrong == NULL && json_text_end(&t) == NULL);
        }
        bool good = first >= 0xc2 && first <= 0xf4 && first != 0xed && first != 0xf4;
        cr_assert_eq(taken, good, "%02x", first);
    }
    json_text t = {0};
    cr_assert_null(json_text_feed(&t, "\xed\x9f\xbf\xf4\x8f\xbf\xbf\xe0\xa0\x80", 10));
    cr_assert_null(json_text_end(&t));
}
