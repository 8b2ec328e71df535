/* Mutates files of a history (targets/history.c) block by block: repeats, drops and swaps blocks,
 * names and records, and sets the numbers on which a reader relies, counts and lengths above all,
 * to what a reader may stumble over. The target sets the checksums right afterwards. Inputs of
 * records are changed record by record. */
#include <stddef.h>
#include <string.h>

#include "history/format.h"
#include "history/pack.h"
#include "mutator.h"

#define PLACES_MOST 256
/* Bytes that targets/history.c takes for one record. */
#define STORY_RECORD_SIZE 20

typedef struct {
    size_t begin;
    size_t end;
} span;

/* A power of two, which wraps a product, or a bound, or what stands beside either. */
static uint64_t odd_number(uint64_t old, size_t bytes, mutator_random *r)
{
    uint64_t beside = mutator_below(r, 2) == 0 ? 0 : mutator_below(r, 3) - 1u;
    switch (mutator_below(r, 6)) {
    case 0:
        return old + mutator_below(r, 3) - 1u;
    case 1:
        return mutator_below(r, 16);
    case 2:
        return BLOCK_RECORDS_MOST + beside;
    default:
        return ((uint64_t)1 << mutator_below(r, 8 * bytes)) + beside;
    }
}

static void change_number(uint8_t *at, size_t bytes, mutator_random *r)
{
    uint64_t number = 0;
    memcpy(&number, at, bytes);
    number = odd_number(number, bytes, r);
    memcpy(at, &number, bytes);
}

static size_t find_blocks(const uint8_t *at, size_t length, span out[PLACES_MOST])
{
    size_t count = 0;
    block_head head;
    for (size_t begin = sizeof(file_head);
         count < PLACES_MOST && begin < length && length - begin >= sizeof head;) {
        memcpy(&head, at + begin, sizeof head);
        size_t room = length - begin - sizeof head;
        size_t end = begin + sizeof head + (head.length < room ? (size_t)head.length : room);
        out[count++] = (span){begin, end};
        begin = end;
    }
    return count;
}

static size_t find_names(const uint8_t *at, span payload, span out[PLACES_MOST])
{
    size_t count = 0;
    name_head head;
    for (size_t begin = payload.begin; count < PLACES_MOST && payload.end - begin >= sizeof head;) {
        memcpy(&head, at + begin, sizeof head);
        size_t room = payload.end - begin - sizeof head;
        size_t end = begin + sizeof head + (head.length < room ? head.length + 1u : room);
        out[count++] = (span){begin, end};
        begin = end;
    }
    return count;
}

static size_t find_rows(span whole, size_t size, span out[PLACES_MOST])
{
    size_t count = 0;
    for (size_t begin = whole.begin; count < PLACES_MOST && whole.end - begin >= size;
         begin += size)
        out[count++] = (span){begin, begin + size};
    return count;
}

/* Once more, gone, or in another's place. */
static size_t change_order(uint8_t *at, size_t length, size_t most, span one, span other,
                           mutator_random *r)
{
    switch (mutator_below(r, 3)) {
    case 0:
        return mutator_copy(at, length, most, other.end, other.end, one.begin, one.end);
    case 1:
        return mutator_replace(at, length, most, one.begin, one.end, "", 0);
    default:
        return mutator_copy(at, length, most, other.begin, other.end, one.begin, one.end);
    }
}

typedef struct {
    uint8_t offset;
    uint8_t bytes;
} field;

static const field head_fields[] = {{offsetof(block_head, kind), 4},
                                    {offsetof(block_head, count), 4},
                                    {offsetof(block_head, count), 4},
                                    {offsetof(block_head, length), 8}};
static const field name_fields[] = {{offsetof(name_head, number), 4},
                                    {offsetof(name_head, length), 4}};
static const field total_fields[] = {{offsetof(end_payload, records), 8},
                                     {offsetof(end_payload, names), 8}};
/* As pack.c lays them out. */
static const field record_fields[] = {{0, 1},  {1, 1},  {2, 1},  {3, 1},  {4, 4},
                                      {8, 4},  {12, 4}, {16, 8}, {24, 8}, {32, 8},
                                      {40, 8}, {48, 8}, {56, 4}, {60, 4}};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void change_field(uint8_t *at, span row, const field *fields, size_t count,
                         mutator_random *r)
{
    field one = fields[mutator_below(r, count)];
    if (row.end - row.begin >= (size_t)one.offset + one.bytes)
        change_number(at + row.begin + one.offset, one.bytes, r);
}

static void change_row(uint8_t *at, span row, uint32_t kind, mutator_random *r)
{
    if (kind == BLOCK_NAMES)
        change_field(at, row, name_fields, COUNT(name_fields), r);
    else if (kind == BLOCK_RECORDS)
        change_field(at, row, record_fields, COUNT(record_fields), r);
    else
        change_field(at, row, total_fields, COUNT(total_fields), r);
}

static void number_names(uint8_t *at, span payload, uint64_t *number)
{
    span names[PLACES_MOST];
    size_t count = find_names(at, payload, names);
    for (size_t i = 0; i < count; i++) {
        ++*number;
        memcpy(at + names[i].begin, number, sizeof(uint32_t));
    }
}

/* What one block says of the others holds again: names are numbered on, the end has the totals. */
static void mend_order(uint8_t *at, size_t length)
{
    span blocks[PLACES_MOST];
    size_t count = find_blocks(at, length, blocks);
    end_payload totals = {0};
    for (size_t i = 0; i < count; i++) {
        block_head head;
        memcpy(&head, at + blocks[i].begin, sizeof head);
        span payload = {blocks[i].begin + sizeof head, blocks[i].end};
        if (head.kind == BLOCK_NAMES)
            number_names(at, payload, &totals.names);
        else if (head.kind == BLOCK_RECORDS)
            totals.records += head.count;
        else if (payload.end - payload.begin == sizeof totals)
            memcpy(at + payload.begin, &totals, sizeof totals);
    }
}

/* The head says what the payload is now, in most cases. */
static void mend_head(uint8_t *at, span block, size_t rows, mutator_random *r)
{
    block_head head;
    memcpy(&head, at + block.begin, sizeof head);
    head.length = block.end - block.begin - sizeof head;
    if (mutator_below(r, 4) > 0)
        head.count = (uint32_t)rows;
    memcpy(at + block.begin, &head, sizeof head);
}

static size_t find_content(const uint8_t *at, span payload, uint32_t kind, span out[PLACES_MOST])
{
    if (kind == BLOCK_NAMES)
        return find_names(at, payload, out);
    return find_rows(payload, kind == BLOCK_RECORDS ? HISTORY_RECORD_SIZE : sizeof(end_payload),
                     out);
}

/* The file ends behind a row, or one byte before that, and the head knows. */
static size_t cut(uint8_t *at, span block, span row, mutator_random *r)
{
    block.end = row.end - mutator_below(r, 2);
    uint64_t length = block.end - block.begin - sizeof(block_head);
    memcpy(at + block.begin + offsetof(block_head, length), &length, sizeof length);
    return block.end;
}

static size_t change_content(uint8_t *at, size_t length, size_t most, span block, mutator_random *r)
{
    span rows[PLACES_MOST];
    block_head head;
    memcpy(&head, at + block.begin, sizeof head);
    size_t count = find_content(at, (span){block.begin + sizeof head, block.end}, head.kind, rows);
    if (count == 0)
        return length;
    span one = rows[mutator_below(r, count)];
    switch (mutator_below(r, 5)) {
    case 0:
        return cut(at, block, one, r);
    case 1:
    case 2:
        change_row(at, one, head.kind, r);
        return length;
    default:
        break;
    }
    size_t made = change_order(at, length, most, one, rows[mutator_below(r, count)], r);
    block.end = block.end + made - length;
    count = find_content(at, (span){block.begin + sizeof head, block.end}, head.kind, rows);
    mend_head(at, block, count, r);
    return made;
}

static size_t change_file(uint8_t *at, size_t length, size_t most, mutator_random *r)
{
    span blocks[PLACES_MOST];
    size_t count = find_blocks(at, length, blocks);
    if (count == 0)
        return length;
    span one = blocks[mutator_below(r, count)];
    switch (mutator_below(r, 4)) {
    case 0:
        length = change_order(at, length, most, one, blocks[mutator_below(r, count)], r);
        break;
    case 1:
        change_field(at, one, head_fields, COUNT(head_fields), r);
        return length;
    default:
        length = change_content(at, length, most, one, r);
    }
    if (mutator_below(r, 2) == 0)
        mend_order(at, length);
    return length;
}

static size_t change_story(uint8_t *at, size_t length, size_t most, mutator_random *r)
{
    span rows[PLACES_MOST];
    size_t count = find_rows((span){0, length}, STORY_RECORD_SIZE, rows);
    if (count == 0)
        return length;
    span one = rows[mutator_below(r, count)];
    if (mutator_below(r, 2) > 0)
        return change_order(at, length, most, one, rows[mutator_below(r, count)], r);
    at[one.begin + mutator_below(r, STORY_RECORD_SIZE)] = (uint8_t)odd_number(0, 1, r);
    return length;
}

/* The first byte says what follows: records, or a file with or without its checksums mended. */
size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r)
{
    if (length < 2 || most < length)
        return 0;
    return 1 + (bytes[0] % 2 == 1 ? change_story(bytes + 1, length - 1, most - 1, r)
                                  : change_file(bytes + 1, length - 1, most - 1, r));
}
