/* Writes JSON that is always well formed: commas, escapes and nesting are its business, not the
 * caller's.
 *
 * Appends to a buffer that the caller owns. Text that is not UTF-8 has each bad byte replaced by
 * U+FFFD; a number that is not finite becomes null. CHECKed: depth up to JSON_WRITER_DEPTH, a key
 * before every value of an object and nowhere else, levels closed as they were opened. */
#ifndef ORDEAL_BASE_JSON_WRITER_H
#define ORDEAL_BASE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define JSON_WRITER_DEPTH 32

typedef struct {
    buffer *out;
    int depth;
    bool indent; /* set after writer_begin for documents that people read */
    bool after_key;
    bool filled[JSON_WRITER_DEPTH + 1];
    bool object[JSON_WRITER_DEPTH + 1]; /* that level is an object: its values need keys */
} json_writer;

json_writer writer_begin(buffer *out);
void writer_object(json_writer *w);
void writer_object_end(json_writer *w);
void writer_array(json_writer *w);
void writer_array_end(json_writer *w);
void writer_key(json_writer *w, const char *key);

void writer_text(json_writer *w, const char *text);
void writer_text_sized(json_writer *w, const char *text, size_t length);
void writer_whole(json_writer *w, uint64_t number);
void writer_signed(json_writer *w, int64_t number);
void writer_real(json_writer *w, double number);
void writer_bool(json_writer *w, bool value);
void writer_null(json_writer *w);
/* `json` must be one well-formed value already. */
void writer_raw(json_writer *w, const char *json);

/* Key and value in one call. */
void writer_put_text(json_writer *w, const char *key, const char *text);
void writer_put_whole(json_writer *w, const char *key, uint64_t number);
void writer_put_signed(json_writer *w, const char *key, int64_t number);
void writer_put_real(json_writer *w, const char *key, double number);
void writer_put_bool(json_writer *w, const char *key, bool value);

#endif
