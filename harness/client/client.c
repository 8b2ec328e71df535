#include "client/client.h"

#include "base/check.h"

void *client_memory(client *c)
{
    return c->memory;
}

const parameter_value *client_value(const client *c, size_t index)
{
    CHECK(index < PARAMETERS_MOST);
    return &c->values[index];
}

random_stream *client_random(client *c)
{
    return &c->random;
}

bool client_over(const client *c)
{
    return atomic_load_explicit(&c->stage->load_over, memory_order_relaxed) ||
           loop_stopping(lane_loop(c->lane));
}

void client_pause(client *c, uint64_t nanoseconds)
{
    uint64_t most = c->stage->pause_most;
    uint64_t wanted = client_real(c, nanoseconds);
    if (!client_over(c))
        lane_sleep(c->lane, most > 0 && wanted > most ? most : wanted);
}

uint64_t client_real(const client *c, uint64_t nanoseconds)
{
    double rate = c->stage->clock_rate;
    return rate == 0 || rate == 1 ? nanoseconds : (uint64_t)((double)nanoseconds / rate);
}

size_t client_pick_key(client *c)
{
    return keyspace_pick(c->stage->keys, c->number, &c->random);
}

size_t client_pick_own_key(client *c)
{
    uint64_t count = keyspace_own_count(c->stage->keys);
    return count > 0 ? keyspace_own(c->stage->keys, c->number, random_below(&c->random, count))
                     : client_pick_key(c);
}

uint64_t client_pick_size(client *c)
{
    return sizes_draw(c->stage->sizes, &c->random);
}
