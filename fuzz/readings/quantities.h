/* Second readings of the quantities of base/units.h, from their grammar and with long double:
 *
 *     number   = digits [ "." [ digits ] ] [ "e" [ sign ] digits ]
 *     size     = number blanks [ B kB KB MB GB KiB MiB GiB ]   a bare number must be whole
 *     duration = number blanks ( ns us ms s m h d ) | "0"
 *     fraction = number [ "%" ], at most 1
 *     real     = [ "-" ] number
 *     whole    = digits, below 2^64
 *
 * A size and a duration are less than 9.2e18 and rounded to the nearest.
 *
 * Allowed differences: a double is as near as one part in 2^52, at the bounds too, and a number
 * that is more than 0 but less than any normal double may be refused. Pure functions. */
#ifndef FUZZ_READINGS_QUANTITIES_H
#define FUZZ_READINGS_QUANTITIES_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { QUANTITY_NONE, QUANTITY_EITHER, QUANTITY_SURE } quantity_verdict;

typedef struct {
    quantity_verdict verdict;
    long double value;
} quantity;

quantity reading_size(const char *text);
quantity reading_duration(const char *text);
quantity reading_fraction(const char *text);
quantity reading_real(const char *text);
quantity reading_whole(const char *text);

/* Is `taken`, which was accepted or not, what was read? `rounding`: by how much it may be off. */
bool reading_agrees(quantity read, bool accepted, long double taken, long double rounding);

/* Does what is shown to people mean the quantity? */
bool reading_shows_duration(const char *shown, uint64_t nanoseconds);
bool reading_shows_size(const char *shown, uint64_t bytes);

#endif
