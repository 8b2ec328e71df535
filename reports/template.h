/* Fills a text that has {{names}} in it. A name without a value is a mistake of ours: CHECKed. */
#ifndef ORDEAL_REPORTS_TEMPLATE_H
#define ORDEAL_REPORTS_TEMPLATE_H

#include <stddef.h>

#include "base/buffer.h"

typedef struct {
    const char *name;
    const char *value;
} template_value;

void template_fill(const char *text, const template_value *values, size_t count, buffer *out);

#endif
