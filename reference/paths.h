/* Names of files as they stand in addresses: decoding and checking. Pure functions. */
#ifndef REFERENCE_PATHS_H
#define REFERENCE_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes %XX of `raw` into `out`. NULL when it is a name; else a sentence that says why not:
 * empty, longer than size - 1, bad escape, not UTF-8, control characters, an empty, "." or ".."
 * segment. */
const char *path_decode(const char *raw, char *out, size_t size);

/* The same checks for a name without escapes: NULL or the sentence. */
const char *path_check(const char *name, size_t size);

/* What a person calls a path of the store (see SCOPE_END). */
const char *path_unscoped(const char *stored);

/* Only the escapes, '+' standing for itself; false for a bad escape, a NUL or a text that does not
 * fit. */
bool path_unescape(const char *raw, char *out, size_t size);

#endif
