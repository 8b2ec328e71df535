/* The trace id of an operation, derived and never stored: 16 bytes as 32 hex digits. */
#ifndef ORDEAL_ENGINE_TRACE_H
#define ORDEAL_ENGINE_TRACE_H

#include <stdint.h>

/* "00-<trace id>-<span>-01"; `text` needs 56 bytes. Returns `text`. */
char *trace_parent(uint64_t seed, uint32_t client, uint32_t sequence, char text[56]);
/* Just the 32 digits; `text` needs 33 bytes. The last 16 digits are client and sequence. Returns
 * `text`. */
char *trace_id(uint64_t seed, uint32_t client, uint32_t sequence, char text[33]);

#endif
