/* channel-bounded. */
#include <criterion/criterion.h>

#include "story.h"

static uint64_t append(story *s, uint64_t samples, uint64_t from, outcome how)
{
    return story_do(s, OPERATION_CHANNEL_APPEND, "c",
                    (history_record){.size = samples, .outcome = (uint8_t)how}, from, from + 1);
}

typedef struct {
    uint64_t value;
    uint64_t first;
    uint64_t count;
} samples;

static void read_channel(story *s, const samples *runs, size_t count, judge_answer wanted)
{
    history_record parts[8] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_SAMPLES,
                                    .value = runs[i].value,
                                    .expected = runs[i].first,
                                    .size = runs[i].count};
    story_operation(s,
                    (history_record){.type = OPERATION_CHANNEL_READ,
                                     .key = story_name(s, "c"),
                                     .invoke = MS(50),
                                     .finish = MS(51)},
                    parts, count);
    story_expect(s, "channel-bounded", wanted);
}

Test(channel_bounded, a_full_channel_with_the_last_samples_holds)
{
    story *s = story_begin();
    uint64_t a = append(s, 600, 1, OUTCOME_OK);
    uint64_t b = append(s, 600, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 200, 400}, {b, 0, 600}}, 2, ANSWER_HOLDS);
}

Test(channel_bounded, too_many_samples_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 600, 1, OUTCOME_OK);
    uint64_t b = append(s, 600, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 0, 600}, {b, 0, 600}}, 2, ANSWER_VIOLATED);
}

Test(channel_bounded, missing_acknowledged_samples_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_OK);
    append(s, 10, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_VIOLATED);
}

Test(channel_bounded, missing_unknown_samples_hold)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_OK);
    append(s, 10, 3, OUTCOME_UNKNOWN);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_HOLDS);
}

Test(channel_bounded, refused_samples_and_wrong_order_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_FAILED);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_VIOLATED);
    s = story_begin();
    a = append(s, 10, 1, OUTCOME_OK);
    uint64_t b = append(s, 10, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{b, 0, 10}, {a, 0, 10}}, 2, ANSWER_VIOLATED);
}

Test(channel_bounded, an_invalid_sample_that_is_taken_and_a_final_read_that_fails_are_violated)
{
    for (int wrong = 0; wrong < 3; wrong++) {
        story *s = story_begin();
        story_do(s, OPERATION_CHANNEL_APPEND, "c",
                 (history_record){.size = 2, .expected = wrong == 1}, 1, 2);
        history_record end = {.flags = FLAG_FINAL};
        if (wrong == 2)
            end = (history_record){.flags = FLAG_FINAL,
                                   .outcome = OUTCOME_FAILED,
                                   .failure = FAILURE_STATUS,
                                   .status = 500};
        if (wrong != 1) {
            story_do(s, OPERATION_CHANNEL_READ, "other", (history_record){.flags = FLAG_FINAL}, 5,
                     6);
            if (wrong == 2)
                story_do(s, OPERATION_CHANNEL_READ, "c", end, 7, 8);
        }
        story_expect(s, "channel-bounded", wrong == 0 ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}
