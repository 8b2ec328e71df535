/* The Range header: one range of bytes. Pure functions. */
#ifndef REFERENCE_RANGES_H
#define REFERENCE_RANGES_H

#include <stdint.h>

typedef enum { RANGE_WHOLE, RANGE_PART, RANGE_OUTSIDE } range_answer;

/* RANGE_WHOLE also for what RFC 9110 says to ignore: other units, bad syntax, several ranges. */
range_answer range_parse(const char *header, uint64_t size, uint64_t *first, uint64_t *length);

#endif
