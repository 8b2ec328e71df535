/* The reader of sample streams against a second parser (jansson) and against itself.
 *
 * The first byte says in what pieces the rest comes, and from 192 on that a gap of blanks comes
 * before it. Oracles: however it is cut, the answer, the count and the rows are the same; it is
 * accepted exactly when it is JSON for jansson too and a second reading of the rules
 * (sample_rules.h) allows every sample; the rows hold the same values, are as many as are kept, and
 * take as many bytes as were counted against the bound.
 * Allowed differences: jansson passes over a NUL byte behind a number, and knows no name with a
 * "\u0000" in it; a gap beyond 64 KiB is refused when it comes in pieces. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "fuzz.h"
#include "readings/sample_rules.h"
#include "samples.h"

#define FIRST_WITH_GAP 192
#define GAP_MOST       ((size_t)65536)   /* so many bytes without a token are always taken */
#define MEMORY_MOST    ((size_t)5 << 20) /* of the reader */
#define FRAME          ((size_t)2)       /* of a row: the comma before it, the line's end */

typedef struct {
    bool accepted;
    uint64_t count;
    size_t row_count;
    buffer rows;
} reading;

static bool feed(samples *s, const void *bytes, size_t length, size_t piece)
{
    bool fine = true;
    for (size_t at = 0; fine && at < length; at += piece) {
        size_t some = length - at < piece ? length - at : piece;
        /* A copy of its own, so that a read beyond it is seen. */
        uint8_t *copy = memory_take(some);
        memcpy(copy, (const uint8_t *)bytes + at, some);
        fine = samples_feed(s, copy, some);
        free(copy);
        ORACLE(fine == (samples_wrong(s)[0] == '\0'));
    }
    return fine;
}

static reading read_in_pieces(const fuzz_input *in, size_t gap, size_t piece)
{
    static char blanks[4 * GAP_MOST];
    reading r = {0};
    samples *s = samples_open();
    memset(blanks, '\n', gap);
    bool fine = feed(s, blanks, gap, piece) && feed(s, in->at, in->left, piece);
    r.accepted = samples_end(s);
    ORACLE(r.accepted == (samples_wrong(s)[0] == '\0') && (fine || !r.accepted));
    r.count = samples_count(s);
    size_t rows = 0;
    const char *text = samples_rows(s, &r.row_count, &rows);
    if (r.accepted)
        buffer_append(&r.rows, text, rows);
    ORACLE(samples_memory(s) <= MEMORY_MOST);
    samples_close(s);
    return r;
}

static bool has_nul_in_name(const json_error_t *wrong)
{
    return strstr(wrong->text, "NUL byte in object key") != NULL;
}

static json_t *rows_of(const reading *r)
{
    buffer text = {0};
    json_error_t wrong;
    buffer_append(&text, "[", 1);
    if (r->rows.length > 0)
        buffer_append(&text, r->rows.bytes + 1, r->rows.length - 1);
    buffer_append(&text, "]", 1);
    json_t *rows = json_loadb(text.bytes, text.length, SAMPLE_FLAGS, &wrong);
    ORACLE(rows != NULL || has_nul_in_name(&wrong));
    buffer_free(&text);
    return rows;
}

/* `whole` is what the input is, or NULL when jansson cannot say. */
static void check_rows(const reading *r, const json_t *whole)
{
    size_t count = json_is_array(whole) ? json_array_size(whole) : 1;
    size_t lines = 0;
    for (const char *at = buffer_text(&r->rows); (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ORACLE(lines == r->row_count);
    ORACLE(r->row_count == (r->count < SAMPLES_KEPT ? r->count : SAMPLES_KEPT));
    if (whole == NULL)
        return;
    json_t *rows = rows_of(r);
    ORACLE(r->count == count && json_array_size(rows) == r->row_count);
    size_t i;
    json_t *sample;
    json_array_foreach(rows, i, sample)
    {
        size_t skipped = count - r->row_count;
        const json_t *asked = json_is_array(whole) ? json_array_get(whole, skipped + i) : whole;
        ORACLE(json_equal(sample, (json_t *)(uintptr_t)asked));
    }
    json_decref(rows);
}

static void check_against_jansson(const fuzz_input *in, const reading *r)
{
    json_error_t wrong = {.text = ""};
    json_t *root = json_loadb((const char *)in->at, in->left, SAMPLE_FLAGS, &wrong);
    const char *broken = wrong.text;
    size_t size = 0;
    if (in->left > 0 && memchr(in->at, 0, in->left) != NULL)
        broken = "JSON has no NUL byte";
    else if (root != NULL)
        broken = sample_rule_broken(root, in->at, in->left, SAMPLES_KEPT, &size);
    bool known = root != NULL || !has_nul_in_name(&wrong);
    if (known && r->accepted != (broken == NULL))
        fprintf(stderr, "second reading: %s\n", broken != NULL ? broken : "it keeps the rules");
    ORACLE(!known || r->accepted == (broken == NULL));
    ORACLE(root == NULL || !r->accepted || r->rows.length == size + FRAME * r->row_count);
    if (r->accepted)
        check_rows(r, root);
    json_decref(root);
}

static void check_cut(const reading *whole, const reading *cut)
{
    ORACLE(whole->accepted == cut->accepted);
    ORACLE(!whole->accepted || whole->count == cut->count);
    ORACLE(strcmp(buffer_text(&whole->rows), buffer_text(&cut->rows)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    uint8_t first = fuzz_byte(&in);
    bool has_gap = first >= FIRST_WITH_GAP;
    bool is_long = has_gap && first % 2 == 0;
    size_t piece = has_gap ? 1024 * (1 + first % 32u) : 1 + first % 64u;
    size_t gap = 0;
    if (in.left > GAP_MOST)
        return 0; /* it may have gaps of its own */
    if (has_gap)
        gap = is_long ? GAP_MOST + 2 * piece + 1 : GAP_MOST - in.left;
    reading whole = read_in_pieces(&in, gap, GAP_MOST * 4);
    reading cut = read_in_pieces(&in, gap, piece);
    if (is_long)
        ORACLE(!cut.accepted);
    else
        check_cut(&whole, &cut);
    check_against_jansson(&in, &whole);
    buffer_free(&whole.rows);
    buffer_free(&cut.rows);
    return 0;
}
