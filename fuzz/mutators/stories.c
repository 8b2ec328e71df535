/* Mutates stories of steps (targets/stories.c) step by step: repeats, drops and moves whole steps,
 * asks another thing of the same name behind one, lets one fail and be tried again. */
#include <string.h>

#include "mutator.h"

#define HEAD 1 /* whether there are accounts */
#define STEP 3 /* what, on which name, how */

/* The target's tables end with the same steps, these among them. */
enum { STEPS = 31, ACCOUNT_STEPS = 12, FAULT_FROM_END = 3, HEAL_FROM_END = 2 };

static uint8_t any_byte(mutator_random *r)
{
    return (uint8_t)mutator_below(r, 256);
}

static size_t any_place(mutator_random *r, size_t length)
{
    return HEAD + mutator_below(r, (length - HEAD) / STEP) * STEP;
}

static size_t fail_once(uint8_t *bytes, size_t length, size_t most, size_t at, mutator_random *r)
{
    uint8_t count = bytes[0] % 4 == 3 ? ACCOUNT_STEPS : STEPS;
    uint8_t steps[4][STEP] = {{count - FAULT_FROM_END, any_byte(r), any_byte(r)},
                              {0},
                              {count - HEAL_FROM_END, 0, 0},
                              {0}};
    memcpy(steps[1], bytes + at, STEP);
    memcpy(steps[3], bytes + at, STEP);
    return mutator_replace(bytes, length, most, at, at + STEP, steps, sizeof steps);
}

size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r)
{
    if (length < HEAD + STEP)
        return 0;
    size_t one = any_place(r, length);
    size_t other = any_place(r, length);
    const uint8_t next[STEP] = {any_byte(r), bytes[one + 1], any_byte(r)};
    switch (mutator_below(r, 6)) {
    case 0: /* again, elsewhere */
        return mutator_copy(bytes, length, most, other, other, one, one + STEP);
    case 1:
        return mutator_replace(bytes, length, most, one, one + STEP, "", 0);
    case 2: /* in another's place */
        return mutator_copy(bytes, length, most, other, other + STEP, one, one + STEP);
    case 3: /* of the same name */
        return mutator_replace(bytes, length, most, one + STEP, one + STEP, next, STEP);
    case 4:
        return fail_once(bytes, length, most, one, r);
    default:
        bytes[one + mutator_below(r, STEP)] = any_byte(r);
        return length;
    }
}
