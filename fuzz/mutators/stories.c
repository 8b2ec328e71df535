/* Mutates stories of steps (targets/stories.c) step by step: repeats, drops and moves whole steps,
 * asks another thing of the same name behind one, lets one fail and be tried again. */
#include <string.h>

#include "mutator.h"
#include "stories.h"

static uint8_t any_byte(mutator_random *r)
{
    return (uint8_t)mutator_below(r, 256);
}

static size_t any_place(mutator_random *r, size_t length)
{
    return STORY_HEAD + mutator_below(r, (length - STORY_HEAD) / STORY_STEP) * STORY_STEP;
}

static size_t fail_once(uint8_t *bytes, size_t length, size_t most, size_t at, mutator_random *r)
{
    uint8_t count = STORY_HAS_ACCOUNTS(bytes[0]) ? STORY_ACCOUNT_STEPS : STORY_STEPS;
    uint8_t steps[4][STORY_STEP] = {{count - STORY_FAULT_FROM_END, any_byte(r), any_byte(r)},
                                    {0},
                                    {count - STORY_HEAL_FROM_END, 0, 0},
                                    {0}};
    memcpy(steps[1], bytes + at, STORY_STEP);
    memcpy(steps[3], bytes + at, STORY_STEP);
    return mutator_replace(bytes, length, most, at, at + STORY_STEP, steps, sizeof steps);
}

size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r)
{
    if (length < STORY_HEAD + STORY_STEP)
        return 0;
    size_t one = any_place(r, length);
    size_t other = any_place(r, length);
    const uint8_t next[STORY_STEP] = {any_byte(r), bytes[one + 1], any_byte(r)};
    switch (mutator_below(r, 6)) {
    case 0: /* again, elsewhere */
        return mutator_copy(bytes, length, most, other, other, one, one + STORY_STEP);
    case 1:
        return mutator_replace(bytes, length, most, one, one + STORY_STEP, "", 0);
    case 2: /* in another's place */
        return mutator_copy(bytes, length, most, other, other + STORY_STEP, one, one + STORY_STEP);
    case 3: /* of the same name */
        return mutator_replace(bytes, length, most, one + STORY_STEP, one + STORY_STEP, next,
                               STORY_STEP);
    case 4:
        return fail_once(bytes, length, most, one, r);
    default:
        bytes[one + mutator_below(r, STORY_STEP)] = any_byte(r);
        return length;
    }
}
