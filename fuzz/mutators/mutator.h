/* What a structure-aware mutator is: one file that defines mutate_structure, for a target whose
 * inputs have a form. engine.c calls it for libFuzzer and AFL++ in turns with their own mutations
 * of bytes, which alone would seldom get past a parser. */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} mutator_random;

size_t mutator_below(mutator_random *r, size_t bound); /* bound > 0 */

/* Puts `text` in the place of [begin, end) and returns the new length; the old one, and nothing
 * changed, when that would be more than `most`. */
size_t mutator_replace(uint8_t *bytes, size_t length, size_t most, size_t begin, size_t end,
                       const void *text, size_t text_length);
/* The same with a copy of [from, to) of the bytes themselves. */
size_t mutator_copy(uint8_t *bytes, size_t length, size_t most, size_t begin, size_t end,
                    size_t from, size_t to);

/* Changes the input in place and returns its new length; 0: leave it to the engine. */
size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r);

#endif
