#include "engine/curl_memory.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* Under AddressSanitizer every block is taken and given back singly: it is there to see their use.
 */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define KEEPS 0
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define KEEPS 0
#endif
#ifndef KEEPS
#define KEEPS 1
#endif

/* Small sizes are rounded up to the next step, larger ones to a larger one. */
#define STEP        ((size_t)16)
#define SMALL_MOST  ((size_t)8 << 10)
#define SMALL_SIZES (SMALL_MOST / STEP)
#define LARGE_STEP  ((size_t)1 << 10)
#define LARGE_MOST  ((size_t)256 << 10)
#define SIZES       (SMALL_SIZES + LARGE_MOST / LARGE_STEP)
#define SIZE_UNKEPT SIZE_MAX

/* Stands before the bytes that libcurl sees. */
typedef struct block block;
struct block {
    size_t room;  /* for bytes */
    size_t place; /* in kept_blocks */
    union {
        _Alignas(max_align_t) unsigned char bytes[STEP]; /* and on, to `room` */
        block *next;                                     /* while kept */
    };
};

typedef struct {
    block *blocks[SIZES + 1];
    bool announced; /* the thread's end gives them back */
} kept_blocks;

/* Not the model for libraries that are loaded later, which calls a function at each use. */
static _Thread_local kept_blocks kept __attribute__((tls_model("initial-exec")));
static pthread_key_t at_thread_end;

static size_t place_of(size_t size)
{
    if (size <= SMALL_MOST)
        return (size + STEP - 1) / STEP;
    if (size <= LARGE_MOST)
        return SMALL_SIZES + (size + LARGE_STEP - 1) / LARGE_STEP;
    return SIZE_UNKEPT;
}

static size_t room_for(size_t size)
{
    size_t step = size <= SMALL_MOST ? STEP : LARGE_STEP;
    return size > 0 ? (size + step - 1) / step * step : STEP;
}

static block *take_new(size_t size, size_t place)
{
    size_t room = KEEPS ? room_for(size) : size;
    size_t whole = offsetof(block, bytes) + room;
    if (whole <= size)
        return NULL; /* no number is so large */
    block *b = malloc(whole);
    if (b == NULL)
        return NULL;
    b->room = room;
    b->place = place;
    return b;
}

void *curl_memory_take(size_t size)
{
    size_t place = KEEPS ? place_of(size) : SIZE_UNKEPT;
    block *b = place != SIZE_UNKEPT ? kept.blocks[place] : NULL;
    if (b != NULL)
        kept.blocks[place] = b->next;
    else
        b = take_new(size, place);
    return b != NULL ? b->bytes : NULL;
}

static block *block_of(void *bytes)
{
    return (block *)((unsigned char *)bytes - offsetof(block, bytes));
}

static void keep(block *b)
{
    b->next = kept.blocks[b->place];
    kept.blocks[b->place] = b;
}

/* Of a thread that has kept none so far. */
static void keep_first(block *b)
{
    kept.announced = true;
    CHECK(pthread_setspecific(at_thread_end, &kept) == 0);
    keep(b);
}

void curl_memory_free(void *bytes)
{
    if (bytes == NULL)
        return;
    block *b = block_of(bytes);
    if (b->place == SIZE_UNKEPT)
        free(b);
    else if (!kept.announced)
        keep_first(b);
    else
        keep(b);
}

void *curl_memory_zeroed(size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole))
        return NULL;
    void *bytes = curl_memory_take(whole);
    return bytes != NULL ? memset(bytes, 0, whole) : NULL;
}

void *curl_memory_resize(void *old, size_t size)
{
    size_t room = old != NULL ? block_of(old)->room : 0;
    if (old != NULL && size <= room && KEEPS)
        return old;
    void *bytes = curl_memory_take(size);
    if (bytes == NULL)
        return NULL;
    if (old != NULL)
        memcpy(bytes, old, size < room ? size : room);
    curl_memory_free(old);
    return bytes;
}

char *curl_memory_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = curl_memory_take(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static void give_back(void *ending)
{
    kept_blocks *all = ending;
    for (size_t place = 0; place <= SIZES; place++) {
        while (all->blocks[place] != NULL) {
            block *b = all->blocks[place];
            all->blocks[place] = b->next;
            free(b);
        }
    }
    all->announced = false;
}

static void begin(void)
{
    CHECK(pthread_key_create(&at_thread_end, give_back) == 0);
    CHECK(curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_memory_take, curl_memory_free,
                               curl_memory_resize, curl_memory_text,
                               curl_memory_zeroed) == CURLE_OK);
}

void curl_memory_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
}
