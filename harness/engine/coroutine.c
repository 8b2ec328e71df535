#include "engine/coroutine.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"

/* A sanitizer must be told that the stack changes, or it reports every switch as an overflow or a
 * race. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define ADDRESS_SANITIZER 1
#else
#define ADDRESS_SANITIZER 0
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define THREAD_SANITIZER 1
#else
#define THREAD_SANITIZER 0
#endif

struct coroutine {
    coroutine_pool *pool;
    coroutine *next_free;
    void (*body)(void *argument);
    void *argument;
    unsigned char *stack; /* above its guard page */
    ucontext_t inside;
    ucontext_t outside;
    bool ended;
#if ADDRESS_SANITIZER
    void *inside_fake;
    void *outside_fake;
    const void *outside_stack;
    size_t outside_size;
#endif
#if THREAD_SANITIZER
    void *inside_fiber;
    void *outside_fiber;
#endif
};

struct coroutine_pool {
    size_t most;
    size_t alive;
    size_t stack_size;
    size_t page;
    coroutine *free;
};

coroutine_pool *coroutine_pool_create(size_t most, size_t stack_size)
{
    CHECK(most > 0 && stack_size > 0);
    coroutine_pool *p = memory_zeroed(1, sizeof *p);
    p->page = (size_t)sysconf(_SC_PAGESIZE);
    p->most = most;
    /* Red zones and fake frames make a sanitized stack several times as deep. */
    size_t wanted = ADDRESS_SANITIZER || THREAD_SANITIZER ? stack_size * 4 : stack_size;
    p->stack_size = (wanted + p->page - 1) / p->page * p->page;
    return p;
}

void coroutine_pool_destroy(coroutine_pool *p)
{
    if (p == NULL)
        return;
    CHECK(p->alive == 0);
    while (p->free != NULL) {
        coroutine *c = p->free;
        p->free = c->next_free;
        munmap(c->stack - p->page, p->stack_size + p->page);
        free(c);
    }
    free(p);
}

static coroutine *make_coroutine(coroutine_pool *p)
{
    size_t whole = p->stack_size + p->page;
    unsigned char *map = mmap(NULL, whole, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    CHECK(mprotect(map, p->page, PROT_NONE) == 0);
    coroutine *c = memory_zeroed(1, sizeof *c);
    c->pool = p;
    c->stack = map + p->page;
    return c;
}

static void leave(coroutine *c)
{
#if ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(c->ended ? NULL : &c->inside_fake, c->outside_stack,
                                   c->outside_size);
#endif
#if THREAD_SANITIZER
    __tsan_switch_to_fiber(c->outside_fiber, 0);
#endif
    CHECK(swapcontext(&c->inside, &c->outside) == 0);
#if ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(c->inside_fake, &c->outside_stack, &c->outside_size);
#endif
}

/* makecontext passes ints only, so the pointer travels in halves. */
static void enter(unsigned high, unsigned low)
{
    coroutine *c = (coroutine *)((uintptr_t)high << 32 | low);
#if ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(NULL, &c->outside_stack, &c->outside_size);
#endif
    c->body(c->argument);
    c->ended = true;
    leave(c);
    /* An ended coroutine is never resumed. */
    CHECK(!c->ended);
}

/* On its own, because getcontext may return twice and the compiler then distrusts the caller's
 * variables. */
__attribute__((noinline)) static void set_context(coroutine *c)
{
    CHECK(getcontext(&c->inside) == 0);
    c->inside.uc_stack.ss_sp = c->stack;
    c->inside.uc_stack.ss_size = c->pool->stack_size;
    c->inside.uc_link = NULL;
    uintptr_t address = (uintptr_t)c;
    makecontext(&c->inside, (void (*)(void))(uintptr_t)enter, 2, (unsigned)(address >> 32),
                (unsigned)address);
}

coroutine *coroutine_create(coroutine_pool *p, void (*body)(void *argument), void *argument)
{
    if (p->alive == p->most)
        return NULL;
    coroutine *c = p->free;
    if (c != NULL)
        p->free = c->next_free;
    else
        c = make_coroutine(p);
    if (c == NULL)
        return NULL;
    p->alive++;
    c->body = body;
    c->argument = argument;
    c->ended = false;
    set_context(c);
#if THREAD_SANITIZER
    c->inside_fiber = __tsan_create_fiber(0);
#endif
    return c;
}

bool coroutine_resume(coroutine *c)
{
    CHECK(!c->ended);
#if ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&c->outside_fake, c->stack, c->pool->stack_size);
#endif
#if THREAD_SANITIZER
    c->outside_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(c->inside_fiber, 0);
#endif
    CHECK(swapcontext(&c->outside, &c->inside) == 0);
#if ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(c->outside_fake, NULL, NULL);
#endif
    if (!c->ended)
        return true;
#if THREAD_SANITIZER
    __tsan_destroy_fiber(c->inside_fiber);
#endif
    c->pool->alive--;
    c->next_free = c->pool->free;
    c->pool->free = c;
    return false;
}

void coroutine_wait(coroutine *c)
{
    leave(c);
}
