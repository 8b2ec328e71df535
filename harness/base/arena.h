/* Memory discipline: an arena for what lives and dies together, and allocation that cannot fail
 * quietly.
 *
 * An arena is created with the most it may ever hold, so that every use states its bound. Nothing
 * is freed singly; arena_destroy releases all. memory_* are malloc with the out-of-memory case
 * turned into a CHECK, for the few things with a life of their own; release with free(). */
#ifndef ORDEAL_BASE_ARENA_H
#define ORDEAL_BASE_ARENA_H

#include <stddef.h>

typedef struct arena arena;

arena *arena_create(const char *name, size_t limit);
void arena_destroy(arena *a);
/* Zeroed and aligned for any type. NULL only when the arena's limit is reached. */
void *arena_take(arena *a, size_t size);
/* A copy of `length` bytes with a NUL behind it. NULL only when the limit is reached. */
char *arena_text(arena *a, const char *text, size_t length);
size_t arena_used(const arena *a);

void *memory_take(size_t size);
void *memory_zeroed(size_t count, size_t size);
void *memory_resize(void *old, size_t size);
char *memory_text(const char *text);

#endif
