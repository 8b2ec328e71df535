/* The reader of sample streams against a second parser (jansson) and against itself.
 *
 * The first byte says in what pieces the rest comes. Oracles: however it is cut, the answer, the
 * count and the rows are the same; what is accepted is JSON for jansson too and holds the same
 * values, each within the rules; what jansson accepts and the rules allow is accepted. Allowed
 * differences: jansson refuses "\u0000" and whole numbers beyond 64 bits, and passes over a NUL
 * byte behind a number. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "fuzz.h"
#include "samples.h"

#define SMALL 300 /* an input so small breaks no bound on sizes, even if every byte is escaped */

typedef struct {
    bool accepted;
    uint64_t count;
    buffer rows;
} reading;

static reading read_in_pieces(const uint8_t *bytes, size_t length, size_t piece)
{
    reading r = {0};
    samples *s = samples_open();
    bool fine = true;
    for (size_t at = 0; fine && at < length; at += piece) {
        size_t some = length - at < piece ? length - at : piece;
        /* A copy of its own, so that a read beyond it is seen. */
        uint8_t *copy = memory_take(some);
        memcpy(copy, bytes + at, some);
        fine = samples_feed(s, copy, some);
        free(copy);
    }
    r.accepted = fine && samples_end(s);
    ORACLE(r.accepted || samples_wrong(s)[0] != '\0');
    r.count = samples_count(s);
    size_t kept = 0;
    size_t rows = 0;
    const char *text = samples_rows(s, &kept, &rows);
    if (r.accepted)
        buffer_append(&r.rows, text, rows);
    samples_close(s);
    return r;
}

static void check_sample(const json_t *sample)
{
    const json_t *timestamp = json_object_get(sample, "timestamp");
    ORACLE(json_is_object(sample) && json_is_number(timestamp));
    ORACLE(json_number_value(timestamp) > 0 && isfinite(json_number_value(timestamp)));
}

static json_t *rows_of(const reading *r)
{
    buffer text = {0};
    json_error_t wrong;
    buffer_append(&text, "[", 1);
    if (r->rows.length > 0)
        buffer_append(&text, r->rows.bytes + 1, r->rows.length - 1);
    buffer_append(&text, "]", 1);
    json_t *rows =
        json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
    bool allowed = rows == NULL && (strstr(wrong.text, "too big") != NULL ||
                                    strstr(wrong.text, "NUL byte in object key") != NULL);
    ORACLE(rows != NULL || allowed);
    buffer_free(&text);
    return rows;
}

static void check_rows(const reading *r, json_t *whole)
{
    json_t *rows = rows_of(r);
    size_t i;
    json_t *sample;
    json_array_foreach(rows, i, sample)
    {
        check_sample(sample);
        size_t skipped = (size_t)r->count - json_array_size(rows);
        const json_t *asked = json_is_array(whole) ? json_array_get(whole, skipped + i) : whole;
        if (whole != NULL)
            ORACLE(json_equal(sample, (json_t *)(uintptr_t)asked));
    }
    if (json_is_array(whole))
        ORACLE(json_array_size(whole) == r->count);
    json_decref(rows);
}

static bool within_rules(const json_t *sample)
{
    const json_t *timestamp = json_object_get(sample, "timestamp");
    const char *name;
    json_t *value;
    if (!json_is_object(sample) || !json_is_number(timestamp) || json_number_value(timestamp) <= 0)
        return false;
    if (json_object_size(sample) > 16)
        return false;
    json_object_foreach((json_t *)(uintptr_t)sample, name, value)
    {
        if (json_is_object(value) || json_is_array(value))
            return false; /* their bounds are not repeated here */
    }
    return true;
}

static bool surely_right(const json_t *whole)
{
    size_t i;
    const json_t *sample;
    if (!json_is_array(whole))
        return within_rules(whole);
    json_array_foreach(whole, i, sample)
    {
        if (!within_rules(sample))
            return false;
    }
    return json_array_size(whole) > 0;
}

static bool has_long_number(const uint8_t *bytes, size_t length)
{
    size_t run = 0;
    for (size_t i = 0; i < length; i++) {
        run = strchr("+-.eE0123456789", bytes[i]) != NULL && bytes[i] != 0 ? run + 1 : 0;
        if (run > 60)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    size_t piece = 1 + fuzz_byte(&in) % 64u;
    json_error_t wrong;
    reading whole = read_in_pieces(in.at, in.left, in.left + 1);
    reading cut = read_in_pieces(in.at, in.left, piece);
    ORACLE(whole.accepted == cut.accepted);
    ORACLE(!whole.accepted || whole.count == cut.count);
    ORACLE(strcmp(buffer_text(&whole.rows), buffer_text(&cut.rows)) == 0);
    json_t *second = json_loadb((const char *)in.at, in.left, JSON_REJECT_DUPLICATES, &wrong);
    if (whole.accepted) {
        bool allowed = strstr(wrong.text, "too big") != NULL ||
                       strstr(wrong.text, "\\u0000") != NULL ||
                       strstr(wrong.text, "NUL byte in object key") != NULL;
        if (second == NULL && !allowed)
            fprintf(stderr, "jansson: %s\n", wrong.text);
        ORACLE(second != NULL || allowed);
        check_rows(&whole, second);
    } else if (in.left < SMALL && second != NULL && memchr(in.at, 0, in.left) == NULL &&
               !has_long_number(in.at, in.left)) {
        ORACLE(!surely_right(second));
    }
    json_decref(second);
    buffer_free(&whole.rows);
    buffer_free(&cut.rows);
    return 0;
}
