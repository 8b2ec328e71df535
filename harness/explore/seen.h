/* A set of 64-bit hashes that grows, and can be kept in a file. Memory: 16 bytes or less a hash,
 * bounded by SEEN_MOST; beyond, a disk may be judged twice. */
#ifndef ORDEAL_EXPLORE_SEEN_H
#define ORDEAL_EXPLORE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SEEN_MOST ((size_t)1 << 24)

typedef struct {
    uint64_t *slots; /* 0: free */
    size_t capacity; /* a power of two */
    size_t count;
} seen_set;

/* True when it was not there before. */
bool seen_add(seen_set *set, uint64_t hash);
bool seen_has(const seen_set *set, uint64_t hash);
void seen_add_all(seen_set *set, const seen_set *other);
void seen_release(seen_set *set);
bool seen_write(const seen_set *set, const char *path, error *e);
bool seen_read(seen_set *set, const char *path, error *e);

#endif
