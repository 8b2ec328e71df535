/* The register algorithm against a checker that tries every order, on small random histories.
 * REGISTER_TIMES=N tries N times as many, from other seeds. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "history/record.h"
#include "judges/register.h"

#define STEPS_MOST 10

/* The release build tells of disagreement; a sanitizer's, ten times slower, of bad memory. */
#ifdef __SANITIZE_ADDRESS__
#define SHARE 4
#else
#define SHARE 1
#endif

/* Every order by brute force: no memory, no zones, no windows. */
static bool orderable(const register_step *steps, size_t count, unsigned done, uint32_t current)
{
    bool left = false;
    for (size_t i = 0; i < count; i++)
        left = left || (!(done >> i & 1) && steps[i].finish != HISTORY_NEVER);
    if (!left)
        return true;
    for (size_t i = 0; i < count; i++) {
        bool first = !(done >> i & 1);
        for (size_t k = 0; k < count && first; k++)
            first = done >> k & 1 || k == i || !(steps[k].finish < steps[i].invoke);
        if (!first)
            continue;
        if (steps[i].writes) {
            if (steps[i].expected != REGISTER_ANY && steps[i].expected != current)
                continue;
            if (orderable(steps, count, done | 1u << i, steps[i].value))
                return true;
        } else if (steps[i].value == current && orderable(steps, count, done | 1u << i, current)) {
            return true;
        }
    }
    return false;
}

typedef struct {
    unsigned deletes;      /* of 100 steps */
    unsigned conditionals; /* of 100 writes */
    unsigned unknowns;     /* of 100 writes */
    uint64_t span;
} shape;

static size_t make(random_stream *r, const shape *s, register_step *steps, uint32_t *values)
{
    size_t count = random_between(r, 2, STEPS_MOST - 2);
    uint32_t writes = (uint32_t)random_between(r, 1, 4);
    *values = writes;
    for (size_t i = 0; i < count; i++) {
        register_step *step = &steps[i];
        *step = (register_step){.expected = REGISTER_ANY, .record = (uint32_t)i};
        step->invoke = random_below(r, s->span);
        step->finish = step->invoke + random_below(r, s->span / 2);
        if (i < writes) {
            step->writes = true;
            step->value = (uint32_t)i + 1;
            if (random_below(r, 100) < s->conditionals)
                step->expected = (uint32_t)random_below(r, writes + 1);
            if (step->expected == step->value)
                step->expected = REGISTER_ANY;
        } else {
            step->value = (uint32_t)random_below(r, writes + 1);
            if (random_below(r, 100) < s->deletes) {
                step->writes = true;
                step->value = REGISTER_ABSENT;
            }
        }
        if (step->writes && random_below(r, 100) < s->unknowns)
            step->finish = HISTORY_NEVER;
    }
    return count;
}

static void print(const register_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "  %zu %s %u expects %d  [%lu, %ld]\n", i,
                steps[i].writes ? "write" : "read", steps[i].value, (int)steps[i].expected,
                steps[i].invoke, (long)steps[i].finish);
}

static void compare_from(uint64_t seed, const shape *s, size_t rounds, size_t least_of_each)
{
    random_stream r = random_named(seed, "register");
    size_t fitting = 0;
    size_t violating = 0;
    for (size_t round = 0; round < rounds; round++) {
        register_step steps[STEPS_MOST];
        uint32_t values = 0;
        size_t count = make(&r, s, steps, &values);
        bool wanted = orderable(steps, count, 0, REGISTER_ABSENT);
        register_answer answer = register_judge(steps, count, values);
        if (answer.kind == REGISTER_OPEN || wanted != (answer.kind == REGISTER_FITS)) {
            print(steps, count);
            cr_assert_fail("round %zu of seed %lu: brute force says %d, the judge %d", round, seed,
                           wanted, answer.kind);
        }
        if (round % 100 == 0)
            cr_assert(wanted == (register_search(steps, count).kind == REGISTER_FITS));
        fitting += wanted;
        violating += !wanted;
    }
    cr_assert(fitting > least_of_each && violating > least_of_each, "%zu fit, %zu do not", fitting,
              violating);
}

static void compare(uint64_t seed, const shape *s, size_t rounds, size_t least_of_each)
{
    const char *wanted = getenv("REGISTER_TIMES");
    uint64_t times = wanted != NULL ? strtoull(wanted, NULL, 10) : 1;
    for (uint64_t i = 0; i < times; i++)
        compare_from(seed + 100 * i, s, rounds / SHARE, least_of_each / SHARE);
    if (times > 1)
        fprintf(stderr, "seed %" PRIu64 ": %" PRIu64 " histories, no disagreement\n", seed,
                times * (rounds / SHARE));
}

Test(register, agrees_with_brute_force_on_writes_and_reads)
{
    compare(1, &(shape){.span = 40}, 50000, 1000);
}

Test(register, agrees_with_brute_force_with_unknown_writes)
{
    compare(2, &(shape){.span = 40, .unknowns = 40}, 50000, 1000);
}

Test(register, agrees_with_brute_force_with_deletes)
{
    compare(3, &(shape){.span = 40, .deletes = 40}, 100000, 1000);
}

Test(register, agrees_with_brute_force_with_unknown_deletes)
{
    compare(4, &(shape){.span = 30, .deletes = 40, .unknowns = 30}, 100000, 1000);
}

Test(register, agrees_with_brute_force_with_conditional_writes)
{
    compare(5, &(shape){.span = 40, .conditionals = 50}, 100000, 1000);
}

Test(register, agrees_with_brute_force_with_everything_at_once)
{
    compare(6, &(shape){.span = 24, .deletes = 30, .conditionals = 30, .unknowns = 30}, 200000,
            1000);
}

Test(register, agrees_with_brute_force_when_stamps_are_often_equal)
{
    compare(7, &(shape){.span = 8, .deletes = 40, .conditionals = 20, .unknowns = 20}, 100000,
            1000);
}
