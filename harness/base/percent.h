/* Percent-encoding for URLs. */
#ifndef ORDEAL_BASE_PERCENT_H
#define ORDEAL_BASE_PERCENT_H

#include <stddef.h>

/* Appends `text` to the string in out[size]: letters, digits and `marks` as they stand, all else
 * encoded. CHECKed to fit. */
void percent_append(char *out, size_t size, const char *text, const char *marks);

#endif
