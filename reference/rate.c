#include "rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"
#include "base/timing.h"

#define WAYS ((uint64_t)8)

typedef struct {
    uint64_t client;
    uint64_t full_at;
} bucket;

struct rate_limit {
    pthread_mutex_t lock;
    uint64_t token; /* nanoseconds that one takes to flow in */
    uint64_t depth; /* nanoseconds that an empty bucket takes to fill */
    bucket buckets[RATE_BUCKETS];
};

rate_limit *rate_open(uint64_t each_second, uint64_t burst)
{
    CHECK(each_second > 0 && each_second <= NANOSECONDS_PER_SECOND && burst > 0);
    rate_limit *l = memory_zeroed(1, sizeof *l);
    pthread_mutex_init(&l->lock, NULL);
    l->token = NANOSECONDS_PER_SECOND / each_second;
    l->depth = l->token * burst;
    return l;
}

void rate_close(rate_limit *l)
{
    if (l == NULL)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static bucket *find_bucket(rate_limit *l, uint64_t client)
{
    bucket *ways = &l->buckets[random_mix(client) % (RATE_BUCKETS / WAYS) * WAYS];
    bucket *soonest = ways;
    for (bucket *b = ways; b < ways + WAYS; b++) {
        if (b->client == client)
            return b;
        if (b->full_at < soonest->full_at)
            soonest = b;
    }
    *soonest = (bucket){.client = client};
    return soonest;
}

bool rate_take(rate_limit *l, uint64_t client, uint64_t now, uint64_t *wait)
{
    pthread_mutex_lock(&l->lock);
    bucket *b = find_bucket(l, client);
    uint64_t full_at = (b->full_at > now ? b->full_at : now) + l->token;
    bool taken = full_at <= now + l->depth;
    if (taken)
        b->full_at = full_at;
    else
        *wait = (full_at - now - l->depth) / NANOSECONDS_PER_SECOND + 1;
    pthread_mutex_unlock(&l->lock);
    return taken;
}

uint64_t rate_count(rate_limit *l, uint64_t now)
{
    uint64_t count = 0;
    pthread_mutex_lock(&l->lock);
    for (uint64_t i = 0; i < RATE_BUCKETS; i++)
        count += l->buckets[i].full_at > now;
    pthread_mutex_unlock(&l->lock);
    return count;
}
