/* Quantities as people write them: "500ms", "5s", "2m", "64KiB", "10MB", "30%". */
#ifndef ORDEAL_BASE_UNITS_H
#define ORDEAL_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each is false unless the whole text is a quantity in range; the result is then untouched. */
bool units_duration(const char *text, uint64_t *nanoseconds); /* ns us ms s m h d, or "0" */
bool units_size(const char *text, uint64_t *bytes); /* B kB KB MB GB (1000) KiB MiB GiB (1024) */
bool units_fraction(const char *text, double *fraction); /* "0.3" or "30%", within 0..1 */
bool units_whole(const char *text, uint64_t *number);
bool units_real(const char *text, double *number);

/* For people: "1.5 s", "64 KiB"; `text` needs 32 bytes. Return `text`. */
char *units_show_duration(uint64_t nanoseconds, char text[32]);
char *units_show_size(uint64_t bytes, char text[32]);

#endif
