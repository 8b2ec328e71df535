#include "cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "blob.h"

#define BUCKETS ((size_t)4096)

struct cached {
    cache *cache;
    cached *in_bucket; /* the next with the same hash */
    cached *newer;     /* by when they were asked for */
    cached *older;
    char blob[BLOB_NAME_SIZE];
    uint64_t size;
    uint64_t users; /* answers that send it, and the cache itself while it keeps it */
    char bytes[];
};

struct cache {
    pthread_mutex_t lock;
    cache_figures figures;
    cached *newest;
    cached *oldest;
    cached *buckets[BUCKETS];
};

cache *cache_open(uint64_t bytes_most)
{
    cache *c = memory_zeroed(1, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->figures.bytes_most = bytes_most;
    return c;
}

/* --- with the lock --- */

/* Names of blobs are random hexadecimal digits. */
static cached **bucket_of(cache *c, const char *blob)
{
    char digits[4];
    snprintf(digits, sizeof digits, "%.3s", blob);
    return &c->buckets[strtoul(digits, NULL, 16) % BUCKETS];
}

static cached *find(cache *c, const char *blob)
{
    cached *one = *bucket_of(c, blob);
    while (one != NULL && strcmp(one->blob, blob) != 0)
        one = one->in_bucket;
    return one;
}

static void unlink_age(cache *c, cached *one)
{
    if (one->newer != NULL)
        one->newer->older = one->older;
    else
        c->newest = one->older;
    if (one->older != NULL)
        one->older->newer = one->newer;
    else
        c->oldest = one->newer;
}

static void link_newest(cache *c, cached *one)
{
    one->newer = NULL;
    one->older = c->newest;
    if (c->newest != NULL)
        c->newest->newer = one;
    else
        c->oldest = one;
    c->newest = one;
}

static void drop_user(cached *one)
{
    CHECK(one->users > 0);
    if (--one->users == 0)
        free(one);
}

static void forget_oldest(cache *c)
{
    cached *gone = c->oldest;
    cached **place = bucket_of(c, gone->blob);
    while (*place != gone)
        place = &(*place)->in_bucket;
    *place = gone->in_bucket;
    c->oldest = gone->newer;
    if (c->oldest != NULL)
        c->oldest->older = NULL;
    else
        c->newest = NULL;
    c->figures.bytes -= gone->size;
    c->figures.files--;
    drop_user(gone);
}

static void keep(cache *c, cached *one)
{
    cached **bucket = bucket_of(c, one->blob);
    while (c->oldest != NULL && c->figures.bytes + one->size > c->figures.bytes_most)
        forget_oldest(c);
    one->in_bucket = *bucket;
    *bucket = one;
    link_newest(c, one);
    one->users++;
    c->figures.bytes += one->size;
    c->figures.files++;
}

/* --- for all --- */

void cache_close(cache *c)
{
    if (c == NULL)
        return;
    while (c->oldest != NULL)
        forget_oldest(c);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

cached *cache_take(cache *c, const char *blob)
{
    pthread_mutex_lock(&c->lock);
    cached *one = find(c, blob);
    if (one != NULL) {
        one->users++;
        unlink_age(c, one);
        link_newest(c, one);
    }
    c->figures.hits += one != NULL;
    c->figures.misses += one == NULL;
    pthread_mutex_unlock(&c->lock);
    return one;
}

static bool read_whole(int fd, char *bytes, uint64_t size)
{
    uint64_t done = 0;
    ssize_t length = 1;
    while (done < size && length > 0) {
        length = pread(fd, bytes + done, size - done, (off_t)done);
        done += length > 0 ? (uint64_t)length : 0;
    }
    return done == size;
}

cached *cache_add(cache *c, const char *blob, int fd, uint64_t size)
{
    if (size > CACHE_FILE_MOST || size > c->figures.bytes_most)
        return NULL;
    cached *one = memory_take(sizeof *one + size);
    *one = (cached){.cache = c, .size = size, .users = 1};
    snprintf(one->blob, sizeof one->blob, "%s", blob);
    if (!read_whole(fd, one->bytes, size)) {
        free(one);
        return NULL;
    }
    pthread_mutex_lock(&c->lock);
    if (find(c, blob) == NULL)
        keep(c, one);
    pthread_mutex_unlock(&c->lock);
    return one;
}

void cache_give(void *what)
{
    cached *one = what;
    cache *c = one->cache;
    pthread_mutex_lock(&c->lock);
    drop_user(one);
    pthread_mutex_unlock(&c->lock);
}

const char *cached_bytes(const cached *what)
{
    return what->bytes;
}

cache_figures cache_look(cache *c)
{
    pthread_mutex_lock(&c->lock);
    cache_figures figures = c->figures;
    pthread_mutex_unlock(&c->lock);
    return figures;
}
