/* Orders of a history that several judges need, built once in one pass: operations grouped by key,
 * parts by operation, moves by name, samples, events and faults. Holds 32-bit record numbers: about
 * 12 bytes an operation. */
#ifndef ORDEAL_JUDGES_INDEX_H
#define ORDEAL_JUDGES_INDEX_H

#include <stdbool.h>
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
/* Operations on a key, in record order. A move stands under no key: see index_moves_of_key. */
record_list index_of_key(const history_index *x, uint32_t key);
record_list index_of_type(const history_index *x, unsigned type);
/* The parts of the operation whose record has this number: they stand right before it. */
typedef struct {
    uint32_t first;
    uint32_t count;
} part_range;
part_range index_parts(const history_index *x, uint32_t operation);
/* Where a batch of moves touches a name: as the source of a pair or as its end. */
typedef struct {
    uint32_t key;
    uint32_t move; /* the batch's record */
    uint32_t part; /* the pair's */
    bool source;
} moved_name;
typedef struct {
    const moved_name *entries;
    size_t count;
} moved_list;
/* In the order of the batches; all there are, in the order of keys, for key 0. */
moved_list index_moves_of_key(const history_index *x, uint32_t key);
/* The operation that wrote a value; SIZE_MAX when no such operation is in the history. */
size_t index_writer(const history_index *x, uint64_t value);
record_list index_samples(const history_index *x);
record_list index_events(const history_index *x);
record_list index_faults(const history_index *x);
/* When the first event of the type was; HISTORY_NEVER: there was none. */
uint64_t index_event_at(const history_index *x, unsigned type);

#endif
