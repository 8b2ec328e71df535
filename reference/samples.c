#include "samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "json_text.h"

/* Rows are thrown out in batches, so that moving the rest costs little each. */
#define ROWS_MOST      (SAMPLES_KEPT + SAMPLES_KEPT / 2)
#define NUMBER_LONGEST ((size_t)64)
/* yajl keeps a token whole; so much may come between two of them. */
#define SILENCE_MOST ((size_t)64 * 1024)

typedef struct {
    uint32_t start; /* of the key, as written, within the rows */
    uint32_t length;
    int depth;
} seen_key;

struct samples {
    yajl_handle parser;
    json_text text;
    buffer rows; /* ",{...}\n" each */
    json_writer writer;
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
    if (s->row_count == ROWS_MOST)
        drop_old_rows(s);
    if (s->row_count == s->row_room) {
        s->row_room = s->row_room > 0 ? s->row_room * 2 : 8;
        s->starts = memory_resize(s->starts, s->row_room * sizeof *s->starts);
    }
    s->starts[s->row_count++] = (uint32_t)s->rows.length;
    buffer_append(&s->rows, ",", 1);
    s->writer = writer_begin(&s->rows);
    s->key_count = 0;
    s->has_timestamp = false;
}

static int end_row(samples *s)
{
    if (!s->has_timestamp)
        return refuse(s, "it has no 'timestamp'");
    if (s->rows.length - s->starts[s->row_count - 1] > SAMPLE_MOST)
        return refuse(s, too_large);
    buffer_append(&s->rows, "\n", 1);
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
    if (s->rows.length - s->starts[s->row_count - 1] > SAMPLE_MOST)
        return refuse(s, too_large);
    return 1;
}

static int deeper(samples *s)
{
    return ++s->depth <= SAMPLE_DEPTH ? 1 : refuse(s, "it has more than 8 levels");
}

static int on_null(void *owner)
{
    samples *s = owner;
    if (!value_comes(s, false))
        return 0;
    writer_null(&s->writer);
    return 1;
}

static int on_bool(void *owner, int value)
{
    samples *s = owner;
    if (!value_comes(s, false))
        return 0;
    writer_bool(&s->writer, value != 0);
    return 1;
}

/* Without an exponent 64 characters cannot leave the range of a double, and are above 0 when a
 * digit is: reading them would cost more than all the rest. */
static bool is_finite(const char *number, bool *positive)
{
    double value = 1;
    if (strpbrk(number, "eE") != NULL)
        value = strtod(number, NULL);
    *positive = value > 0 && number[0] != '-' && strpbrk(number, "123456789") != NULL;
    return isfinite(value);
}

static int on_number(void *owner, const char *text, size_t length)
{
    samples *s = owner;
    char number[NUMBER_LONGEST + 1];
    bool positive;
    if (!value_comes(s, true))
        return 0;
    if (length > NUMBER_LONGEST)
        return refuse(s, "a number has more than 64 characters");
    memcpy(number, text, length);
    number[length] = '\0';
    if (!is_finite(number, &positive))
        return refuse(s, "a number is not finite");
    if (s->at_timestamp && !positive)
        return refuse(s, "'timestamp' is not above 0");
    s->has_timestamp = s->has_timestamp || s->at_timestamp;
    s->at_timestamp = false;
    writer_raw(&s->writer, number);
    return 1;
}

static int on_text(void *owner, const unsigned char *text, size_t length)
{
    samples *s = owner;
    if (!value_comes(s, false))
        return 0;
    if (length > SAMPLE_MOST)
        return refuse(s, too_large);
    writer_text_sized(&s->writer, (const char *)text, length);
    return 1;
}

static int on_key(void *owner, const unsigned char *text, size_t length)
{
    samples *s = owner;
    char key[SAMPLE_MOST + 1];
    s->silence = 0;
    if (length > SAMPLE_MOST || memchr(text, '\0', length) != NULL)
        return refuse(s, "a key is too long, or has a NUL");
    if (s->key_count == SAMPLE_KEYS)
        return refuse(s, "it has more than 64 keys");
    memcpy(key, text, length);
    key[length] = '\0';
    size_t before = s->rows.length;
    writer_key(&s->writer, key);
    /* A comma may have come before it; the writer's form of a key is always the same. */
    const char *written = memchr(s->rows.bytes + before, '"', s->rows.length - before);
    CHECK(written != NULL);
    seen_key *mine = &s->keys[s->key_count];
    *mine = (seen_key){.start = (uint32_t)(written - s->rows.bytes), .depth = s->depth};
    mine->length = (uint32_t)(s->rows.length - mine->start);
    for (size_t i = 0; i < s->key_count; i++)
        if (s->keys[i].depth == s->depth && s->keys[i].length == mine->length &&
            memcmp(s->rows.bytes + s->keys[i].start, written, mine->length) == 0)
            return refuse(s, "a key stands twice in it");
    s->key_count++;
    s->at_timestamp = s->depth == 1 && strcmp(key, "timestamp") == 0;
    return 1;
}

static int on_object(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    if (s->depth == 0)
        begin_row(s);
    else if (!value_comes(s, false))
        return 0;
    if (!deeper(s))
        return 0;
    writer_object(&s->writer);
    return 1;
}

static int on_object_end(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    writer_object_end(&s->writer);
    /* Its keys are free again for the next object at this depth. */
    while (s->key_count > 0 && s->keys[s->key_count - 1].depth == s->depth)
        s->key_count--;
    return --s->depth > 0 ? 1 : end_row(s);
}

static int on_array(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    if (s->depth == 0 && !s->in_array && s->count == 0) {
        s->in_array = true;
        return 1;
    }
    if (!value_comes(s, false) || !deeper(s))
        return 0;
    writer_array(&s->writer);
    return 1;
}

static int on_array_end(void *owner)
{
    samples *s = owner;
    s->silence = 0;
    if (s->depth == 0)
        return 1;
    writer_array_end(&s->writer);
    s->depth--;
    return 1;
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
    return parsed(s, yajl_complete_parse(s->parser));
}

const char *samples_wrong(const samples *s)
{
    return s->wrong;
}

uint64_t samples_count(const samples *s)
{
    return s->count;
}

size_t samples_write(const samples *s, size_t most, buffer *out)
{
    size_t count = s->row_count < most ? s->row_count : most;
    count = count < SAMPLES_KEPT ? count : SAMPLES_KEPT;
    if (count == 0)
        return 0;
    uint32_t start = s->starts[s->row_count - count];
    buffer_append(out, s->rows.bytes + start, s->rows.length - start);
    return count;
}

size_t samples_memory(const samples *s)
{
    return sizeof *s + s->rows.capacity + s->row_room * sizeof *s->starts;
}
