#include "history/pack.h"

#include <endian.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"

#define TIME_BITS  48
#define TIME_MASK  (((uint64_t)1 << TIME_BITS) - 1)
#define SIZE_BITS  40
#define SIZE_MASK  HISTORY_SIZE_MOST
#define LATE_STEP  ((uint64_t)64000)
#define LATE_MOST  (((uint64_t)1 << 24) - 1)
#define TYPES_MOST 63

/* Through memcpy, which the compiler makes one instruction: reading is what takes time in judging.
 */
static void put(unsigned char *at, uint64_t value, size_t bytes)
{
    uint64_t little = htole64(value);
    memcpy(at, &little, bytes);
}

static inline uint64_t take(const unsigned char *at, size_t bytes)
{
    uint64_t little = 0;
    memcpy(&little, at, bytes);
    return le64toh(little);
}

static bool type_known(const history_record *r)
{
    return r->kind == RECORD_OPERATION ? r->type < OPERATION_COUNT : r->type <= TYPES_MOST;
}

static uint64_t duration_of(const history_record *r)
{
    if (r->finish == HISTORY_NEVER)
        return TIME_MASK;
    CHECK(r->finish >= r->invoke && r->finish - r->invoke < TIME_MASK);
    return r->finish - r->invoke;
}

static uint64_t late_of(const history_record *r)
{
    if (r->kind == RECORD_SAMPLE)
        return r->late >> 20 < LATE_MOST ? r->late >> 20 : LATE_MOST;
    uint64_t steps = r->late / LATE_STEP;
    return steps < LATE_MOST ? steps : LATE_MOST;
}

void history_pack(const history_record *r, unsigned char bytes[HISTORY_RECORD_SIZE])
{
    CHECK(r->invoke <= TIME_MASK && r->size <= SIZE_MASK);
    CHECK(type_known(r) && r->outcome <= OUTCOME_UNKNOWN && r->failure <= FAILURE_INTERRUPTED);
    bytes[0] = r->kind;
    bytes[1] = r->type;
    bytes[2] = (unsigned char)(r->outcome | r->failure << 4);
    bytes[3] = r->flags;
    put(bytes + 4, r->client, 4);
    put(bytes + 8, r->sequence, 4);
    put(bytes + 12, r->key, 4);
    put(bytes + 16, r->invoke | (uint64_t)r->status << TIME_BITS, 8);
    put(bytes + 24, duration_of(r) | (late_of(r) & 0xffff) << TIME_BITS, 8);
    put(bytes + 32, r->value, 8);
    put(bytes + 40, r->size | late_of(r) >> 16 << SIZE_BITS, 8);
    put(bytes + 48, r->expected, 8);
    put(bytes + 56, r->version, 4);
    put(bytes + 60, r->detail, 4);
}

bool history_unpack(const unsigned char bytes[HISTORY_RECORD_SIZE], history_record *r)
{
    uint64_t when = take(bytes + 16, 8);
    uint64_t length = take(bytes + 24, 8);
    uint64_t size = take(bytes + 40, 8);
    uint64_t late = length >> TIME_BITS | (size >> SIZE_BITS & 0xff) << 16;
    uint64_t duration = length & TIME_MASK;
    *r = (history_record){
        .kind = bytes[0],
        .type = bytes[1],
        .outcome = bytes[2] & 15,
        .failure = bytes[2] >> 4,
        .flags = bytes[3],
        .client = (uint32_t)take(bytes + 4, 4),
        .sequence = (uint32_t)take(bytes + 8, 4),
        .key = (uint32_t)take(bytes + 12, 4),
        .invoke = when & TIME_MASK,
        .status = (uint16_t)(when >> TIME_BITS),
        .value = take(bytes + 32, 8),
        .size = size & SIZE_MASK,
        .expected = take(bytes + 48, 8),
        .version = (uint32_t)take(bytes + 56, 4),
        .detail = (uint32_t)take(bytes + 60, 4),
    };
    r->late = r->kind == RECORD_SAMPLE ? late << 20 : late * LATE_STEP;
    r->finish = duration == TIME_MASK ? HISTORY_NEVER : r->invoke + duration;
    return r->kind >= RECORD_OPERATION && r->kind <= RECORD_EVENT && type_known(r) &&
           r->outcome <= OUTCOME_UNKNOWN && r->failure <= FAILURE_INTERRUPTED && size >> 48 == 0;
}
