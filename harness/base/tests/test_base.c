#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "base/parameters.h"
#include "base/suggest.h"
#include "base/timing.h"
#include "base/units.h"

Test(arena, gives_zeroed_memory_until_its_limit_and_not_beyond)
{
    arena *a = arena_create("test", 100000);
    char *first = arena_take(a, 1000);
    cr_assert_not_null(first);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(first[i], 0);
    memset(first, 1, 1000);
    cr_assert_not_null(arena_take(a, 80000));
    cr_assert_null(arena_take(a, 80000));
    cr_assert_null(arena_take(a, SIZE_MAX));
    cr_assert_str_eq(arena_text(a, "hello world", 5), "hello");
    cr_assert_leq(arena_used(a), 100000);
    arena_destroy(a);
}

Test(buffer, refuses_an_append_beyond_its_limit_whole)
{
    buffer b = {.limit = 8};
    cr_assert_str_eq(buffer_text(&b), "");
    cr_assert(buffer_append(&b, "12345", 5));
    cr_assert_not(buffer_append(&b, "6789", 4));
    cr_assert(b.overflowed);
    cr_assert_str_eq(buffer_text(&b), "12345");
    cr_assert(buffer_printf(&b, "%d", 678));
    cr_assert_str_eq(buffer_text(&b), "12345678");
    buffer_clear(&b);
    cr_assert_eq(b.length, 0);
    buffer_free(&b);
}

Test(buffer, grows_by_printf_across_its_capacity)
{
    buffer b = {0};
    for (int i = 0; i < 1000; i++)
        cr_assert(buffer_printf(&b, "%04d,", i));
    cr_assert_eq(b.length, 5000);
    cr_assert_str_eq(buffer_text(&b) + 4995, "0999,");
    buffer_free(&b);
}

Test(error, keeps_the_first_cause)
{
    error e = {0};
    errno = ENOENT;
    cr_assert_not(error_errno(&e, "some/file", "cannot open"));
    cr_assert_not(error_set(&e, ERROR_USAGE, "elsewhere", "a later one"));
    char line[200];
    cr_assert_str_eq(error_line(&e, line, sizeof line),
                     "some/file: cannot open: No such file or directory");
    cr_assert_eq(e.kind, ERROR_IO);
    cr_assert_str_eq(error_kind_name(e.kind), "io");
    error_clear(&e);
    cr_assert_eq(e.kind, ERROR_NONE);
}

static json_t *parsed(const buffer *b)
{
    json_error_t wrong;
    json_t *root =
        json_loadb(buffer_text(b), b->length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
    cr_assert_not_null(root, "%s in %s", wrong.text, buffer_text(b));
    return root;
}

Test(json_writer, writes_what_a_strict_parser_reads_back)
{
    for (int indent = 0; indent < 2; indent++) {
        buffer b = {0};
        json_writer w = writer_begin(&b);
        w.indent = indent;
        writer_object(&w);
        writer_put_text(&w, "text", "quote \" backslash \\ newline \n tab \t bell \a");
        writer_put_whole(&w, "whole", UINT64_MAX / 2);
        writer_put_signed(&w, "signed", -5);
        writer_put_real(&w, "real", 0.1);
        writer_put_real(&w, "nothing", NAN);
        writer_key(&w, "list");
        writer_array(&w);
        writer_bool(&w, true);
        writer_null(&w);
        writer_object(&w);
        writer_object_end(&w);
        writer_raw(&w, "[1,2]");
        writer_array_end(&w);
        writer_object_end(&w);
        json_t *root = parsed(&b);
        cr_assert_str_eq(json_string_value(json_object_get(root, "text")),
                         "quote \" backslash \\ newline \n tab \t bell \a");
        cr_assert_eq(json_integer_value(json_object_get(root, "signed")), -5);
        cr_assert(json_is_null(json_object_get(root, "nothing")));
        cr_assert_eq(json_real_value(json_object_get(root, "real")), 0.1);
        cr_assert_eq(json_array_size(json_object_get(root, "list")), 4);
        json_decref(root);
        buffer_free(&b);
    }
}

Test(json_writer, brings_every_real_number_back)
{
    const double numbers[] = {0.1 + 0.2, 1.0 / 3.0, 5e-324, 1.7976931348623157e308, -2.5, 1e21};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        buffer b = {0};
        json_writer w = writer_begin(&b);
        writer_real(&w, numbers[i]);
        json_t *root = parsed(&b);
        cr_assert_eq(json_number_value(root), numbers[i], "%s", buffer_text(&b));
        json_decref(root);
        buffer_free(&b);
    }
}

Test(json_writer, writes_each_character_as_shortly_as_json_can)
{
    for (int c = 0; c < 0x80; c++) {
        buffer b = {0};
        json_writer w = writer_begin(&b);
        writer_text_sized(&w, &(char){(char)c}, 1);
        bool is_short = c != 0 && strchr("\"\\\b\f\n\r\t", c) != NULL;
        cr_expect_eq(b.length, is_short ? 4 : c < 0x20 ? 8 : 3, "%d: %s", c, buffer_text(&b));
        buffer_free(&b);
    }
}

static json_writer begin_object(buffer *b)
{
    json_writer w = writer_begin(b);
    writer_object(&w);
    return w;
}

Test(json_writer, a_value_without_its_key_is_a_broken_assumption, .signal = SIGABRT)
{
    buffer b = {0};
    json_writer w = begin_object(&b);
    writer_whole(&w, 1);
}

Test(json_writer, a_key_outside_an_object_is_a_broken_assumption, .signal = SIGABRT)
{
    buffer b = {0};
    json_writer w = writer_begin(&b);
    writer_array(&w);
    writer_key(&w, "key");
}

Test(json_writer, a_level_closed_as_another_is_a_broken_assumption, .signal = SIGABRT)
{
    buffer b = {0};
    json_writer w = begin_object(&b);
    writer_array_end(&w);
}

/* Every pair of bytes, well formed or not, must give well-formed JSON. */
Test(json_writer, turns_any_bytes_into_well_formed_json)
{
    for (int first = 0; first < 256; first++) {
        buffer b = {0};
        json_writer w = writer_begin(&b);
        writer_array(&w);
        for (int second = 0; second < 256; second++) {
            char text[4] = {(char)first, (char)second, 'x', '\0'};
            writer_text_sized(&w, text, 3);
        }
        writer_text_sized(&w, "\xf0\x9f\x98\x80", 4);
        writer_text_sized(&w, "\xed\xa0\x80", 3);
        writer_text_sized(&w, "\xe0\x80\x80", 3);
        writer_array_end(&w);
        json_t *root = json_loadb(buffer_text(&b), b.length, JSON_ALLOW_NUL, NULL);
        cr_assert_not_null(root);
        cr_assert_str_eq(json_string_value(json_array_get(root, 256)), "\xf0\x9f\x98\x80");
        json_decref(root);
        buffer_free(&b);
    }
}

Test(suggest, finds_the_nearest_word_and_nothing_far)
{
    const char *const words[] = {"duration", "clients", "faults", "kill"};
    cr_assert_str_eq(suggest_nearest("duratoin", words, 4), "duration");
    cr_assert_str_eq(suggest_nearest("client", words, 4), "clients");
    cr_assert_str_eq(suggest_nearest("kil", words, 4), "kill");
    cr_assert_null(suggest_nearest("zzzzzzzz", words, 4));
    char endless[2000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    cr_assert_null(suggest_nearest(endless, words, 4));
}

Test(units, reads_quantities_and_nothing_else)
{
    uint64_t n = 7;
    double d;
    cr_assert(units_duration("500ms", &n) && n == 500000000);
    cr_assert(units_duration("1.5s", &n) && n == 1500000000);
    cr_assert(units_duration("2m", &n) && n == 120000000000);
    cr_assert(units_duration("0", &n) && n == 0);
    cr_assert(units_size("64KiB", &n) && n == 65536);
    cr_assert(units_size("10MB", &n) && n == 10000000);
    cr_assert(units_fraction("30%", &d) && fabs(d - 0.3) < 1e-12);
    cr_assert(units_real("-2.5", &d) && d == -2.5);
    n = 7;
    const char *const bad[] = {"",
                               "s",
                               "-5s",
                               "5 apples",
                               "0x10s",
                               "3",
                               "1.5",
                               "00",
                               "inf",
                               "nan",
                               " 5s",
                               "1e400s",
                               "99999999999999999999d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(units_duration(bad[i], &n), "%s", bad[i]);
    cr_assert_eq(n, 7);
    cr_assert_not(units_whole("18446744073709551616", &n));
    cr_assert_not(units_whole("+1", &n));
    cr_assert_not(units_size("1.5", &n));
    cr_assert_not(units_fraction("101%", &d));
}

Test(units, shows_quantities_for_people)
{
    char text[32];
    cr_assert_str_eq(units_show_duration(1500000, text), "1.5 ms");
    cr_assert_str_eq(units_show_duration(999, text), "999 ns");
    cr_assert_str_eq(units_show_duration(999600, text), "1 ms");
    cr_assert_str_eq(units_show_duration(999700000, text), "1 s");
    cr_assert_str_eq(units_show_duration(5400000000000, text), "90 min");
    cr_assert_str_eq(units_show_duration(UINT64_MAX, text), "5124096 h");
    cr_assert_str_eq(units_show_size(65536, text), "64.0 KiB");
    cr_assert_str_eq(units_show_size(12, text), "12 B");
    cr_assert_str_eq(timing_wall_text(1123000000, text), "1970-01-01T00:00:01.123Z");
}

Test(parameters, say_what_would_be_right)
{
    static const char *const words[] = {"own", "shared", NULL};
    const parameter row = {"keys", PARAMETER_WORD, "own", "", words};
    const parameter offset = {"offset", PARAMETER_OFFSET, NULL, "", NULL};
    parameter_value value = {0};
    error e = {0};
    cr_assert(parameter_parse(&row, "shared", &value, &e));
    cr_assert_eq(value.number, 1);
    cr_assert_not(parameter_parse(&row, "mine", &value, &e));
    cr_assert_not_null(strstr(e.text, "one of own, shared"));
    cr_assert_eq(value.number, 1);
    cr_assert(parameter_parse(&offset, "-3h", &value, &e));
    cr_assert_eq(value.offset, -10800000000000);
    cr_assert_eq(parameter_index(&row, 1, "keys"), 0);
    cr_assert_eq(parameter_index(&row, 1, "key"), -1);
}
