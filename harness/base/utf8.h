/* UTF-8, told from bytes that only look like it. */
#ifndef ORDEAL_BASE_UTF8_H
#define ORDEAL_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the character at `at`, of which `left` bytes are there; 0 when none begins there.
 * Overlong forms, surrogates and what lies beyond Unicode are none. */
size_t utf8_length(const unsigned char *at, size_t left);

#endif
