/* Orders of a history that several judges need, built once in one pass: operations grouped by key,
 * parts by operation, samples, events and faults. Holds 32-bit record numbers only: about 8 bytes
 * per record. */
#ifndef ORDEAL_JUDGES_INDEX_H
#define ORDEAL_JUDGES_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "history/reader.h"

typedef struct history_index history_index;

typedef struct {
    const uint32_t *records;
    size_t count;
} record_list;

/* `h` must outlive the index and have fewer than 2^32 records. */
history_index *history_index_build(const history *h);
void history_index_free(history_index *x);

uint32_t
index_key_count(const history_index *x); /* keys are name numbers 1..count; many are empty */
/* Operations on a key, in record order. A move stands under no key: see its parts. */
record_list index_of_key(const history_index *x, uint32_t key);
record_list index_of_type(const history_index *x, unsigned type);
/* The parts of the operation whose record has this number: they stand right before it. */
typedef struct {
    uint32_t first;
    uint32_t count;
} part_range;
part_range index_parts(const history_index *x, uint32_t operation);
/* The operation that wrote a value; SIZE_MAX when no such operation is in the history. */
size_t index_writer(const history_index *x, uint64_t value);
record_list index_samples(const history_index *x);
record_list index_events(const history_index *x);
record_list index_faults(const history_index *x);

#endif
