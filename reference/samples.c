#include "samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "json_text.h"

/* Rows are thrown out in batches, so that moving the rest costs little each. */
#define ROWS_MOST      (SAMPLES_KEPT + SAMPLES_KEPT / 2)
#define NUMBER_LONGEST ((size_t)64)
/* yajl keeps a token whole; so much may come between two of them. */
#define SILENCE_MOST ((size_t)64 * 1024)

typedef struct {
    uint32_t start; /* of the key, as written, within the row */
    uint32_t length;
    int depth; /* 0: its object is over */
} seen_key;

struct samples {
    yajl_handle parser;
    json_text text;
    buffer rows; /* ",{...}\n" each */
    /* The one that comes, with the comma before it and the line's end; json_writer.h would cost
     * half as much as yajl. */
    char row[SAMPLE_MOST + 2];
    size_t used;
    bool comma;       /* one stands before the next value or key */
    uint32_t *starts; /* of the rows; grows */
    size_t row_count;
    size_t row_room;
    uint64_t count;
    seen_key keys[SAMPLE_KEYS];
    size_t key_count;
    int depth; /* within a sample; 0: outside */
    bool in_array;
    bool at_timestamp;
    bool has_timestamp;
    size_t silence;
    char wrong[200];
};

static const char too_large[] = "it has more than 2048 bytes";

static int refuse(samples *s, const char *what)
{
    if (s->wrong[0] == '\0')
        snprintf(s->wrong, sizeof s->wrong, "sample %llu: %s", (unsigned long long)s->count, what);
    return 0;
}

/* --- the row that comes --- */

static int put(samples *s, const void *bytes, size_t length)
{
    if (length > sizeof s->row - s->used)
        return refuse(s, too_large);
    memcpy(s->row + s->used, bytes, length);
    s->used += length;
    return 1;
}

static int put_comma(samples *s)
{
    return s->comma ? put(s, ",", 1) : 1;
}

static bool is_plain(const unsigned char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}

static int put_text(samples *s, const unsigned char *text, size_t length)
{
    if (is_plain(text, length))
        return put(s, "\"", 1) && put(s, text, length) && put(s, "\"", 1);
    buffer escaped = {0};
    json_writer w = writer_begin(&escaped);
    writer_text_sized(&w, (const char *)text, length);
    int fits = put(s, escaped.bytes, escaped.length);
    buffer_free(&escaped);
    return fits;
}

/* --- rows --- */

static void drop_old_rows(samples *s)
{
    size_t gone = s->row_count - SAMPLES_KEPT + 1;
    uint32_t bytes = s->starts[gone];
    memmove(s->rows.bytes, s->rows.bytes + bytes, s->rows.length - bytes + 1);
    s->rows.length -= bytes;
    for (size_t i = gone; i < s->row_count; i++)
        s->starts[i - gone] = s->starts[i] - bytes;
    s->row_count -= gone;
}

static void begin_row(samples *s)
{
    s->row[0] = ',';
    s->used = 1;
    s->comma = false;
    s->key_count = 0;
    s->has_timestamp = false;
}

static int end_row(samples *s)
{
    if (!s->has_timestamp)
        return refuse(s, "it has no 'timestamp'");
    if (!put(s, "\n", 1))
        return 0;
    if (s->row_count == ROWS_MOST)
        drop_old_rows(s);
    if (s->row_count == s->row_room) {
        s->row_room = s->row_room > 0 ? s->row_room * 2 : 8;
        s->starts = memory_resize(s->starts, s->row_room * sizeof *s->starts);
    }
    s->starts[s->row_count++] = (uint32_t)s->rows.length;
    buffer_append(&s->rows, s->row, s->used);
    s->count++;
    return 1;
}

/* --- what yajl calls; 0 stops it --- */

/* Before any value but a sample itself. */
static int value_comes(samples *s, bool number)
{
    s->silence = 0;
    if (s->depth == 0)
        return refuse(s, "it is not an object");
    if (s->at_timestamp && !number)
        return refuse(s, "'timestamp' is not a number");
    bool fits = put_comma(s) != 0;
    s->comma = true;
    return fits;
}

static int open_level(samples *s, const char *bracket)
{
    s->comma = false;
    if (++s->depth > SAMPLE_DEPTH)
        return refuse(s, "it has more than 8 levels");
    return put(s, bracket, 1);
}

static int on_null(void *owner)
{
    samples *s = owner;
    return value_comes(s, false) && put(s, "null", 4);
}

static int on_bool(void *owner, int value)
{
    samples *s = owner;
    return value_comes(s, false) && (value != 0 ? put(s, "true", 4) : put(s, "false", 5));
}

/* Without an exponent so few characters cannot leave the range of a double, and are above 0 when a
 * digit is: strtod would cost more than all the rest. */
static bool is_finite(const char *text, size_t length, bool *positive)
{
    char number[NUMBER_LONGEST + 1];
    bool exponent = false;
    bool digit = false;
    double value = 1;
    for (size_t i = 0; i < length; i++) {
        exponent = exponent || text[i] == 'e' || text[i] == 'E';
        digit = digit || (!exponent && text[i] >= '1' && text[i] <= '9');
    }
    if (exponent) {
        memcpy(number, text, length);
        number[length] = '\0';
        value = fabs(strtod(number, NULL));
    }
    *positive = digit && text[0] != '-' && value > 0;
    return isfinite(value);
}

static int on_number(void *owner, const char *text, size_t length)
{
    samples *s = owner;
    bool positive;
    if (!value_comes(s, true))
        return 0;
    if (length > NUMBER_LONGEST)
        return refuse(s, "a number has more than 64 characters");
    if (!is_finite(text, length, &positive))
        return refuse(s, "a number is not finite");
    if (s->at_timestamp && !positive)
        return refuse(s, "'timestamp' is not above 0");
    s->has_timestamp = s->has_timestamp || s->at_timestamp;
    s->at_timestamp = false;
    return put(s, text, length);
}

static int on_text(void *owner, const unsigned char *text, size_t length)
{
    samples *s = owner;
    return value_comes(s, false) && put_text(s, text, length);
}

static int on_key(void *owner, const unsigned char *text, size_t length)
{
    samples *s = owner;
    s->silence = 0;
    if (s->key_count == SAMPLE_KEYS)
        return refuse(s, "it has more than 64 keys");
    if (!put_comma(s))
        return 0;
    seen_key *mine = &s->keys[s->key_count];
    *mine = (seen_key){.start = (uint32_t)s->used, .depth = s->depth};
    if (!put_text(s, text, length))
        return 0;
    mine->length = (uint32_t)s->used - mine->start;
    /* Equal keys are written in the same way. */
    for (size_t i = 0; i < s->key_count; i++)
        if (s->keys[i].depth == s->depth && s->keys[i].length == mine->length &&
            memcmp(s->row + s->keys[i].start, s->row + mine->start, mine->length) == 0)
            return refuse(s, "a key stands twice in it");
    s->key_count++;
    s->comma = false;
    s->at_timestamp = s->depth == 1 && length == 9 && memcmp(text, "timestamp", 9) == 0;
    return put(s, ":", 1);
}

static int on_object(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    if (s->depth == 0)
        begin_row(s);
    else if (!value_comes(s, false))
        return 0;
    return open_level(s, "{");
}

static int on_object_end(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    s->comma = true;
    /* They still count, but the next object at this depth may have them again. */
    for (size_t i = s->key_count; i > 0; i--)
        if (s->keys[i - 1].depth == s->depth)
            s->keys[i - 1].depth = 0;
    return put(s, "}", 1) && (--s->depth > 0 || end_row(s));
}

static int on_array(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    if (s->depth == 0 && !s->in_array && s->count == 0) {
        s->in_array = true;
        return 1;
    }
    return value_comes(s, false) && open_level(s, "[");
}

static int on_array_end(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    s->comma = true;
    if (s->depth == 0)
        return 1;
    s->depth--;
    return put(s, "]", 1);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_object_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_array_end,
};

/* --- the reader --- */

samples *samples_open(void)
{
    samples *s = memory_zeroed(1, sizeof *s);
    s->parser = yajl_alloc(&callbacks, NULL, s);
    CHECK(s->parser != NULL);
    /* json_text looks closer than yajl does. */
    CHECK(yajl_config(s->parser, yajl_dont_validate_strings, 1) == 1);
    return s;
}

void samples_close(samples *s)
{
    if (s == NULL)
        return;
    yajl_free(s->parser);
    buffer_free(&s->rows);
    free(s->starts);
    free(s);
}

static bool parsed(samples *s, yajl_status status)
{
    if (status == yajl_status_ok)
        return true;
    return refuse(s, "the content is not JSON there") != 0;
}

bool samples_feed(samples *s, const void *bytes, size_t length)
{
    if (s->wrong[0] != '\0')
        return false;
    const char *wrong = json_text_feed(&s->text, bytes, length);
    if (wrong != NULL)
        return refuse(s, wrong) != 0;
    s->silence += length;
    if (!parsed(s, yajl_parse(s->parser, bytes, length)))
        return false;
    return s->silence <= SILENCE_MOST + length || refuse(s, "a text or a gap is too long") != 0;
}

bool samples_end(samples *s)
{
    if (s->wrong[0] != '\0')
        return false;
    const char *wrong = json_text_end(&s->text);
    if (wrong != NULL)
        return refuse(s, wrong) != 0;
    /* yajl overlooks a text that begins behind the end and never ends: one more quote ends it, and
     * begins one where there is none. */
    return parsed(s, yajl_parse(s->parser, (const unsigned char *)"\"", 1)) &&
           parsed(s, yajl_complete_parse(s->parser));
}

const char *samples_wrong(const samples *s)
{
    return s->wrong;
}

uint64_t samples_count(const samples *s)
{
    return s->count;
}

const char *samples_rows(const samples *s, size_t *count, size_t *length)
{
    *count = s->row_count < SAMPLES_KEPT ? s->row_count : SAMPLES_KEPT;
    size_t start = *count > 0 ? s->starts[s->row_count - *count] : s->rows.length;
    *length = s->rows.length - start;
    return buffer_text(&s->rows) + start;
}

size_t samples_memory(const samples *s)
{
    return sizeof *s + s->rows.capacity + s->row_room * sizeof *s->starts;
}
