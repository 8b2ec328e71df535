#include "base/random.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"

static uint64_t hash_name(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    return hash;
}

random_stream random_named(uint64_t seed, const char *format, ...)
{
    char name[256];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(name, sizeof name, format, values);
    va_end(values);
    CHECK(length >= 0 && (size_t)length < sizeof name);
    uint64_t value = random_mix(seed) ^ hash_name(name);
    random_stream r;
    for (int i = 0; i < 4; i++)
        r.state[i] = value = random_mix(value);
    return r;
}

static uint64_t rotate_left(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

uint64_t random_bits(random_stream *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(random_stream *r, uint64_t bound)
{
    CHECK(bound > 0);
    uint64_t unfair = (UINT64_MAX - bound + 1) % bound;
    uint64_t bits;
    do
        bits = random_bits(r);
    while (bits < unfair);
    return bits % bound;
}

uint64_t random_between(random_stream *r, uint64_t least, uint64_t most)
{
    CHECK(least <= most);
    if (most - least == UINT64_MAX)
        return random_bits(r);
    return least + random_below(r, most - least + 1);
}

double random_unit(random_stream *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

bool random_chance(random_stream *r, double probability)
{
    return random_unit(r) < probability;
}

double random_exponential(random_stream *r, double mean)
{
    CHECK(mean > 0);
    return -mean * log1p(-random_unit(r));
}

double random_normal(random_stream *r)
{
    double radius = sqrt(-2.0 * log1p(-random_unit(r)));
    return radius * cos(6.283185307179586 * random_unit(r));
}
