/* Base64 as header fields have it: with its filling, and nothing else beside it. Pure. */
#ifndef REFERENCE_BASE64_H
#define REFERENCE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes the `length` characters at `text` into out[most]; false when they are not base64 of at
 * most so many bytes. */
bool base64_read(const char *text, size_t length, void *out, size_t most, size_t *decoded);

#endif
