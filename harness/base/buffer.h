/* A growing byte string that is always NUL-terminated.
 *
 * Zero-initialise, append, and release with buffer_free. `limit` (0: none) bounds the length: an
 * append that would pass it is refused whole and sets `overflowed`, so a hostile input cannot make
 * it grow. */
#ifndef ORDEAL_BASE_BUFFER_H
#define ORDEAL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *bytes; /* NULL until the first append; buffer_text never returns NULL */
    size_t length;
    size_t capacity;
    size_t limit;
    bool overflowed;
} buffer;

bool buffer_append(buffer *b, const void *bytes, size_t length);
bool buffer_text_append(buffer *b, const char *text);
bool buffer_printf(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buffer_text(const buffer *b);
void buffer_clear(buffer *b);
void buffer_free(buffer *b);

#endif
