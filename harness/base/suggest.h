/* "did you mean ...": the nearest of the words that would have been right. */
#ifndef ORDEAL_BASE_SUGGEST_H
#define ORDEAL_BASE_SUGGEST_H

#include <stddef.h>

/* The candidate with the least edit distance to `word`, or NULL when none is near enough to be
 * meant. */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t count);

#endif
