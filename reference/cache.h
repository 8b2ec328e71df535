/* Contents of small files that were read lately, in memory.
 *
 * Never stale, because it keeps blobs: a blob never changes and its name is never used again, and
 * which blob a name stands for is asked of the store each time. Bounded: the bytes of all that is
 * kept, and of each; the one that was asked for longest ago goes first. What an answer still sends
 * lives until it is given back. Safe from any thread. */
#ifndef REFERENCE_CACHE_H
#define REFERENCE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_FILE_MOST ((uint64_t)64 * 1024)

typedef struct cache cache;
typedef struct cached cached;

/* `bytes_most` 0: nothing is kept. */
cache *cache_open(uint64_t bytes_most);
void cache_close(cache *c);

/* NULL: it is not there. Each that is taken or added is given back once. */
cached *cache_take(cache *c, const char *blob);
/* Reads `size` bytes of `fd`, whose place does not move, and keeps them. NULL: too large, or it
 * could not be read whole. */
cached *cache_add(cache *c, const char *blob, int fd, uint64_t size);
void cache_give(void *what); /* a cached * */
const char *cached_bytes(const cached *what);

typedef struct {
    uint64_t bytes_most;
    uint64_t bytes;
    uint64_t files;
    uint64_t hits;
    uint64_t misses;
} cache_figures;
cache_figures cache_look(cache *c);

#endif
