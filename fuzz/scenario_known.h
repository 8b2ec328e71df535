/* Scenarios whose reading is known: what holds of any text does not tell that a good one is still
 * taken, nor that a bound still stands where it should. */
#ifndef FUZZ_SCENARIO_KNOWN_H
#define FUZZ_SCENARIO_KNOWN_H

#include <stddef.h>

/* Calls `read` with each, and the line that must be named as wrong; 0: it must load. */
void scenario_known_each(void (*read)(const char *text, size_t length, unsigned wrong_line));

#endif
