/* Gives a mutator to the engines: libFuzzer's LLVMFuzzerCustomMutator, and AFL++'s afl_custom_fuzz
 * when it is built as a library (see fuzz/campaign). */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"
#include "mutator.h"

size_t mutator_below(mutator_random *r, size_t bound)
{
    CHECK(bound > 0);
    r->state += 0x9e3779b97f4a7c15u;
    return (size_t)(random_mix(r->state) % bound);
}

size_t mutator_replace(uint8_t *bytes, size_t length, size_t most, size_t begin, size_t end,
                       const void *text, size_t text_length)
{
    CHECK(begin <= end && end <= length && length <= most);
    if (length - (end - begin) + text_length > most)
        return length;
    memmove(bytes + begin + text_length, bytes + end, length - end);
    memcpy(bytes + begin, text, text_length);
    return length - (end - begin) + text_length;
}

size_t mutator_copy(uint8_t *bytes, size_t length, size_t most, size_t begin, size_t end,
                    size_t from, size_t to)
{
    CHECK(from <= to && to <= length);
    uint8_t *text = memory_take(to - from + 1);
    memcpy(text, bytes + from, to - from);
    length = mutator_replace(bytes, length, most, begin, end, text, to - from);
    free(text);
    return length;
}

#ifdef FUZZ_MUTATOR_FOR_AFL

typedef struct {
    mutator_random random;
    uint8_t *bytes;
    size_t room;
} afl_state;

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(afl_state *state, uint8_t *bytes, size_t length, uint8_t **out,
                       const uint8_t *other, size_t other_length, size_t most);
void afl_custom_deinit(afl_state *state);

void *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    afl_state *state = memory_zeroed(1, sizeof *state);
    state->random.state = seed;
    return state;
}

size_t afl_custom_fuzz(afl_state *state, uint8_t *bytes, size_t length, uint8_t **out,
                       const uint8_t *other, size_t other_length, size_t most)
{
    (void)other;
    (void)other_length;
    if (state->room < most) {
        state->bytes = memory_resize(state->bytes, most);
        state->room = most;
    }
    length = length < most ? length : most;
    memcpy(state->bytes, bytes, length);
    size_t made = mutate_structure(state->bytes, length, most, &state->random);
    *out = state->bytes;
    return made > 0 ? made : length;
}

void afl_custom_deinit(afl_state *state)
{
    free(state->bytes);
    free(state);
}

#else

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
    mutator_random r = {seed};
    size_t made = 0;
    if (mutator_below(&r, 2) == 0)
        made = mutate_structure(bytes, length, most, &r);
    return made > 0 ? made : LLVMFuzzerMutate(bytes, length, most);
}

#endif
