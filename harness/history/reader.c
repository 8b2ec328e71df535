#include "history/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"
#include "history/format.h"
#include "history/pack.h"

typedef struct {
    size_t first; /* number of its first record */
    const unsigned char *bytes;
} record_block;

typedef struct {
    const char *text;
    uint32_t length;
} name_place;

struct history {
    const unsigned char *map;
    size_t length;
    record_block *blocks;
    size_t block_count;
    size_t block_capacity;
    size_t count;
    name_place *names;
    uint32_t name_count;
    uint32_t name_capacity;
    bool complete;
    char damage[200];
    size_t last_block; /* where the last record was found: readers mostly go on from there. One
                          thread reads. */
};

static bool damaged(history *h, size_t at, const char *what)
{
    snprintf(h->damage, sizeof h->damage, "at byte %zu: %s; what follows is not read", at, what);
    return false;
}

static bool take_names(history *h, const unsigned char *at, size_t length, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        name_head head;
        if (length < sizeof head)
            return false;
        memcpy(&head, at, sizeof head);
        if (head.number != h->name_count + 1 || head.length >= length - sizeof head ||
            at[sizeof head + head.length] != '\0')
            return false;
        if (h->name_count == h->name_capacity) {
            h->name_capacity = h->name_capacity > 0 ? h->name_capacity * 2 : 256;
            h->names = memory_resize(h->names, h->name_capacity * sizeof *h->names);
        }
        h->names[h->name_count++] = (name_place){(const char *)at + sizeof head, head.length};
        size_t step = sizeof head + head.length + 1;
        at += step;
        length -= step;
    }
    return length == 0;
}

static bool take_records(history *h, const unsigned char *at, size_t length, uint32_t count)
{
    if (count == 0 || count > BLOCK_RECORDS_MOST || length != (size_t)count * HISTORY_RECORD_SIZE)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        history_record r;
        if (!history_unpack(at + (size_t)i * HISTORY_RECORD_SIZE, &r))
            return false;
        /* A sample uses the field as a count of descriptors. */
        bool named = r.kind != RECORD_SAMPLE;
        if (r.key > h->name_count || (named && r.detail > h->name_count))
            return false;
        bool client_made = r.kind == RECORD_OPERATION || r.kind == RECORD_PART;
        if (client_made && (r.client > HISTORY_CLIENTS_MOST || r.sequence > HISTORY_SEQUENCE_MOST))
            return false;
    }
    if (h->block_count == h->block_capacity) {
        h->block_capacity = h->block_capacity > 0 ? h->block_capacity * 2 : 64;
        h->blocks = memory_resize(h->blocks, h->block_capacity * sizeof *h->blocks);
    }
    h->blocks[h->block_count++] = (record_block){h->count, at};
    h->count += count;
    return true;
}

static bool take_end(history *h, const unsigned char *at, size_t length)
{
    end_payload totals;
    if (length != sizeof totals)
        return false;
    memcpy(&totals, at, sizeof totals);
    h->complete = totals.records == h->count && totals.names == h->name_count;
    return h->complete;
}

static bool take_block(history *h, size_t *at)
{
    block_head head;
    if (h->length - *at < sizeof head)
        return damaged(h, *at, "the file ends inside a block's head");
    memcpy(&head, h->map + *at, sizeof head);
    if (head.length > h->length - *at - sizeof head)
        return damaged(h, *at, "the file ends inside a block");
    const unsigned char *payload = h->map + *at + sizeof head;
    size_t length = (size_t)head.length;
    if (XXH3_64bits_withSeed(payload, length, block_seed(&head)) != head.checksum)
        return damaged(h, *at, "a block's checksum is wrong");
    bool fine = head.kind == BLOCK_NAMES     ? take_names(h, payload, length, head.count)
                : head.kind == BLOCK_RECORDS ? take_records(h, payload, length, head.count)
                : head.kind == BLOCK_END     ? take_end(h, payload, length)
                                             : false;
    if (!fine)
        return damaged(h, *at, "a block's content makes no sense");
    *at += sizeof head + length;
    return true;
}

static void walk(history *h)
{
    size_t at = sizeof(file_head);
    while (at < h->length && !h->complete && take_block(h, &at))
        ;
    if (h->complete && at < h->length) {
        h->complete = false;
        damaged(h, at, "bytes after the end block");
    }
}

static bool map_file(history *h, int fd, const char *path, error *e)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(e, path, "cannot look at the history");
    file_head head = {.magic = ""};
    if (!S_ISREG(status.st_mode) || (size_t)status.st_size < sizeof head)
        return error_set(e, ERROR_CORRUPT, path, "is not a history of ordeal");
    h->length = (size_t)status.st_size;
    void *map = mmap(NULL, h->length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return error_errno(e, path, "cannot map the history");
    h->map = map;
    memcpy(&head, map, sizeof head);
    if (memcmp(head.magic, HISTORY_MAGIC, sizeof head.magic) != 0)
        return error_set(e, ERROR_CORRUPT, path, "is not a history of ordeal");
    if (head.schema != HISTORY_SCHEMA || head.record_size != HISTORY_RECORD_SIZE)
        return error_set(e, ERROR_CORRUPT, path, "has schema %u; this ordeal reads %d", head.schema,
                         HISTORY_SCHEMA);
    return true;
}

history *history_open(const char *path, error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_errno(e, path, "cannot open the history");
        return NULL;
    }
    history *h = memory_zeroed(1, sizeof *h);
    bool fine = map_file(h, fd, path, e);
    close(fd);
    if (!fine) {
        history_free(h);
        return NULL;
    }
    walk(h);
    return h;
}

void history_free(history *h)
{
    if (h == NULL)
        return;
    if (h->map != NULL)
        munmap((void *)(uintptr_t)h->map, h->length);
    free(h->blocks);
    free(h->names);
    free(h);
}

void history_release(const history *h)
{
    /* Advice that is not taken costs memory and nothing else. */
    (void)madvise((void *)(uintptr_t)h->map, h->length, MADV_DONTNEED);
}

history_record history_next(const history *h, size_t index)
{
    if (index % HISTORY_HELD == 0)
        history_release(h);
    return history_get(h, index);
}

size_t history_count(const history *h)
{
    return h->count;
}

static bool holds(const history *h, size_t block, size_t index)
{
    size_t end = block + 1 < h->block_count ? h->blocks[block + 1].first : h->count;
    return index >= h->blocks[block].first && index < end;
}

static size_t block_with(history *h, size_t index)
{
    size_t hint = h->last_block;
    if (holds(h, hint, index))
        return hint;
    if (hint + 1 < h->block_count && holds(h, hint + 1, index))
        return h->last_block = hint + 1;
    size_t low = 0;
    size_t high = h->block_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (h->blocks[middle].first <= index)
            low = middle;
        else
            high = middle;
    }
    h->last_block = low;
    return low;
}

history_record history_get(const history *h, size_t index)
{
    CHECK(index < h->count);
    /* Only the hint changes. */
    const record_block *block = &h->blocks[block_with((history *)(uintptr_t)h, index)];
    history_record r;
    CHECK(history_unpack(block->bytes + (index - block->first) * HISTORY_RECORD_SIZE, &r));
    return r;
}

const char *history_text(const history *h, uint32_t name)
{
    CHECK(name <= h->name_count);
    return name == 0 ? "" : h->names[name - 1].text;
}

size_t history_text_length(const history *h, uint32_t name)
{
    CHECK(name <= h->name_count);
    return name == 0 ? 0 : h->names[name - 1].length;
}

uint32_t history_name_count(const history *h)
{
    return h->name_count;
}

bool history_complete(const history *h)
{
    return h->complete;
}

const char *history_damage(const history *h)
{
    return h->damage[0] != '\0' ? h->damage : NULL;
}
