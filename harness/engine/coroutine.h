/* Straight-line code on an event loop: a coroutine runs until it waits, and goes on where it
 * stopped.
 *
 * Stacks are mapped with a guard page below, reused through a pool that one loop owns, and known to
 * ASan and TSan. A coroutine belongs to the thread that created it. */
#ifndef ORDEAL_ENGINE_COROUTINE_H
#define ORDEAL_ENGINE_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct coroutine coroutine;
typedef struct coroutine_pool coroutine_pool;

/* At most `most` coroutines alive at once; stack_size is rounded up to pages. */
coroutine_pool *coroutine_pool_create(size_t most, size_t stack_size);
void coroutine_pool_destroy(coroutine_pool *p);

/* NULL when `most` are alive. Does not run it yet. */
coroutine *coroutine_create(coroutine_pool *p, void (*body)(void *argument), void *argument);
/* From the loop: runs c until it waits or ends. True while it is alive; after false c is gone. */
bool coroutine_resume(coroutine *c);
/* From inside: back to whoever resumed. */
void coroutine_wait(coroutine *c);

#endif
