/* Seeded randomness in named streams.
 *
 * A stream is derived from (seed, name) alone, so adding a client or a draw in one stream never
 * changes what another draws: "client/7/sizes" of seed 42 is the same sequence in every plan that
 * has it. xoshiro256** seeded through splitmix64; not for secrets (those come from libsodium). */
#ifndef ORDEAL_BASE_RANDOM_H
#define ORDEAL_BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state[4];
} random_stream;

random_stream random_named(uint64_t seed, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
uint64_t random_bits(random_stream *r);
/* Uniform in [0, bound) without bias; bound > 0. */
uint64_t random_below(random_stream *r, uint64_t bound);
/* Uniform in [least, most]. */
uint64_t random_between(random_stream *r, uint64_t least, uint64_t most);
/* Uniform in [0, 1). */
double random_unit(random_stream *r);
bool random_chance(random_stream *r, double probability);
/* Mean > 0. */
double random_exponential(random_stream *r, double mean);
double random_normal(random_stream *r);

/* The mixing step by itself: a good 64-bit hash of a 64-bit number.
 * Inline, because contents are generated from it at gigabytes a second. */
static inline uint64_t random_mix(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

#endif
