/* What a lenient JSON parser lets through: text that is not UTF-8, \u escapes of half a character
 * (lone surrogates), and vertical tabs and form feeds as blanks. Looks at the raw bytes as they
 * stream by, in pieces of any size; constant memory. Zero-initialise. */
#ifndef REFERENCE_JSON_TEXT_H
#define REFERENCE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t left;  /* bytes that the present character still needs */
    uint8_t least; /* bounds of the next of them: what keeps overlong forms out */
    uint8_t most;
    uint8_t escape;  /* what has been seen of an escape; see json_text.c */
    uint32_t unit;   /* the escaped code unit so far */
    bool after_high; /* a high surrogate waits for its low one */
} json_text;

/* NULL, or the sentence that says what is wrong. */
const char *json_text_feed(json_text *t, const void *bytes, size_t length);
const char *json_text_end(const json_text *t);

#endif
