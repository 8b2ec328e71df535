/* The JSON Schema of a scenario file, written from the same tables that read one, so that an editor
 * which completes from it is never out of date. */
#ifndef ORDEAL_PLAN_SCHEMA_H
#define ORDEAL_PLAN_SCHEMA_H

#include "base/buffer.h"

/* Appends the whole document, draft 7, for scenario files. */
void schema_write(buffer *out);
/* Likewise for target files. */
void schema_write_target(buffer *out);

#endif
