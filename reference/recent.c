#include "recent.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"

#define PLACES    2048
#define NAME_MOST 256 /* longer ones are not kept */

typedef struct {
    char path[NAME_MOST];
    version version;
    uint64_t moment; /* 0: nothing is here */
} place;

struct recent {
    pthread_mutex_t lock;
    uint64_t moment; /* odd while the writer works */
    place places[PLACES];
};

recent *recent_open(void)
{
    recent *r = memory_zeroed(1, sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    r->moment = 2;
    return r;
}

void recent_close(recent *r)
{
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static void next_moment(recent *r)
{
    pthread_mutex_lock(&r->lock);
    r->moment++;
    pthread_mutex_unlock(&r->lock);
}

void recent_write_begins(recent *r)
{
    next_moment(r);
}

void recent_write_ends(recent *r)
{
    next_moment(r);
}

uint64_t recent_moment(recent *r)
{
    pthread_mutex_lock(&r->lock);
    uint64_t moment = r->moment;
    pthread_mutex_unlock(&r->lock);
    return moment;
}

static place *place_of(recent *r, const char *path, size_t length)
{
    return &r->places[XXH3_64bits(path, length) % PLACES];
}

void recent_note(recent *r, uint64_t moment, const char *path, const version *v)
{
    size_t length = strlen(path);
    if (moment % 2 != 0 || length >= NAME_MOST)
        return;
    place *p = place_of(r, path, length);
    pthread_mutex_lock(&r->lock);
    if (r->moment == moment) {
        memcpy(p->path, path, length + 1);
        p->version = *v;
        p->moment = moment;
    }
    pthread_mutex_unlock(&r->lock);
}

bool recent_find(recent *r, const char *path, version *out)
{
    const place *p = place_of(r, path, strlen(path));
    pthread_mutex_lock(&r->lock);
    bool found = p->moment == r->moment && strcmp(p->path, path) == 0;
    if (found)
        *out = p->version;
    pthread_mutex_unlock(&r->lock);
    return found;
}
