#include "engine/trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/random.h"

char *trace_id(uint64_t seed, uint32_t client, uint32_t sequence, char text[33])
{
    snprintf(text, 33, "%016" PRIx64 "%08" PRIx32 "%08" PRIx32, random_mix(seed), client, sequence);
    return text;
}

char *trace_parent(uint64_t seed, uint32_t client, uint32_t sequence, char text[56])
{
    char id[33];
    snprintf(text, 56, "00-%s-%08" PRIx32 "%08" PRIx32 "-01", trace_id(seed, client, sequence, id),
             sequence, client);
    return text;
}
