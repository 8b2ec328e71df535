/* Prometheus' text exposition format, version 0.0.4: what makes a line of it right. */
#ifndef ORDEAL_BASE_EXPOSITION_H
#define ORDEAL_BASE_EXPOSITION_H

#include "base/buffer.h"

/* The two lines before a metric's values; `name` without our prefix "ordeal_". */
void exposition_describe(buffer *out, const char *name, const char *type, const char *help);
/* name="value", with what would end the value escaped. */
void exposition_label(buffer *out, const char *name, const char *value);

#endif
