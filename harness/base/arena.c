#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

typedef struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
} block;

struct arena {
    const char *name;
    size_t limit;
    size_t used;
    block *blocks;
};

arena *arena_create(const char *name, size_t limit)
{
    CHECK(limit > 0);
    arena *a = memory_zeroed(1, sizeof *a);
    a->name = name;
    a->limit = limit;
    return a;
}

void arena_destroy(arena *a)
{
    if (a == NULL)
        return;
    while (a->blocks != NULL) {
        block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    free(a);
}

void *arena_take(arena *a, size_t size)
{
    size_t alignment = alignof(max_align_t);
    if (size > a->limit)
        return NULL;
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    if (rounded > a->limit - a->used)
        return NULL;
    block *b = a->blocks;
    if (b == NULL || b->size - b->used < rounded) {
        size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
        b = memory_take(sizeof *b + room);
        *b = (block){.next = a->blocks, .size = room};
        a->blocks = b;
    }
    void *place = b->bytes + b->used;
    b->used += rounded;
    a->used += rounded;
    memset(place, 0, size);
    return place;
}

char *arena_text(arena *a, const char *text, size_t length)
{
    char *copy = length < a->limit ? arena_take(a, length + 1) : NULL;
    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

size_t arena_used(const arena *a)
{
    return a->used;
}

void *memory_take(size_t size)
{
    void *place = malloc(size > 0 ? size : 1);
    CHECK(place != NULL);
    return place;
}

void *memory_zeroed(size_t count, size_t size)
{
    void *place = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    CHECK(place != NULL);
    return place;
}

void *memory_resize(void *old, size_t size)
{
    void *place = realloc(old, size > 0 ? size : 1);
    CHECK(place != NULL);
    return place;
}

char *memory_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_take(size), text, size);
}
