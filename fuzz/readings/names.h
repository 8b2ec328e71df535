/* A second reading of names in addresses (NAMES-1 of reference/CONTRACT.md), by other means than
 * reference/paths.c: the escapes by libcurl, UTF-8 by jansson, control characters by the C library.
 * Pure functions. */
#ifndef FUZZ_READINGS_NAMES_H
#define FUZZ_READINGS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* What may be wrong with a name; several at once are a sum. */
enum {
    NAME_TOO_LONG = 1,
    NAME_BAD_ESCAPE = 2,
    NAME_CONTROL = 4,
    NAME_NOT_UTF8 = 8,
    NAME_BAD_SEGMENT = 16,
};

/* `raw` with its escapes decoded, which the caller frees, and what is wrong with them. */
char *reading_unescape(const char *raw, size_t size, unsigned *faults);
/* What is wrong with a name that stands as it is. */
unsigned reading_name(const char *name, size_t size);
bool reading_is_utf8(const char *text);

#endif
