/* garbage-refused. */
#include <criterion/criterion.h>

#include "story.h"

static judge_answer send_garbage(outcome how, failure why, unsigned status)
{
    story *s = story_begin();
    story_do(s, OPERATION_GARBAGE, "noise", (history_record){0}, 1, 2);
    story_do(s, OPERATION_GARBAGE, "two lengths",
             (history_record){
                 .outcome = (uint8_t)how, .failure = (uint8_t)why, .status = (uint16_t)status},
             3, 4);
    return story_judge(s, "garbage-refused", NULL)->answer;
}

Test(garbage_refused, what_is_taken_or_hangs_is_violated)
{
    cr_assert_eq(send_garbage(OUTCOME_OK, FAILURE_NONE, 400), ANSWER_HOLDS);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_INTERRUPTED, 0), ANSWER_HOLDS);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_STATUS, 201), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_STATUS, 500), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_MALFORMED, 0), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_TIMEOUT, 0), ANSWER_VIOLATED);
}
