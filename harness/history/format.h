/* The blocks of history.bin; shared by writer.c and reader.c alone. */
#ifndef ORDEAL_HISTORY_FORMAT_H
#define ORDEAL_HISTORY_FORMAT_H

#include <stdint.h>

#include "history/record.h"

#define HISTORY_MAGIC      "ORDLHIST"
#define BLOCK_RECORDS_MOST 4096

typedef enum { BLOCK_NAMES = 1, BLOCK_RECORDS, BLOCK_END } block_kind;

typedef struct {
    char magic[8];
    uint32_t schema;
    uint32_t record_size;
} file_head;

typedef struct {
    uint32_t kind;
    uint32_t count;
    uint64_t length;   /* of the payload */
    uint64_t checksum; /* XXH3 of the payload, seeded with kind and count */
} block_head;

/* In a names block, before each text; a NUL follows the text. */
typedef struct {
    uint32_t number;
    uint32_t length;
} name_head;

typedef struct {
    uint64_t records;
    uint64_t names;
} end_payload;

static inline uint64_t block_seed(const block_head *head)
{
    return (uint64_t)head->kind << 32 | head->count;
}

#endif
