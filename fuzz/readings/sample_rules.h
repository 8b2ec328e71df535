/* A second reading of the rules of samples, from CONTRACT.md (CHANNELS-1, CHANNELS-2), on what
 * jansson made of them. */
#ifndef FUZZ_SAMPLE_RULES_H
#define FUZZ_SAMPLE_RULES_H

#include <jansson.h>
#include <stddef.h>

/* How jansson is to read samples: whole numbers have no bound but that of a double. */
#define SAMPLE_FLAGS (JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)

/* NULL: all are to be taken, and `size` is what the last `kept` take without blanks; else the rule
 * that one of them breaks. `text` is what `root` was read from: jansson keeps no number as it was
 * written. */
const char *sample_rule_broken(const json_t *root, const void *text, size_t length, size_t kept,
                               size_t *size);

#endif
