/* garbage-refused. */
#include <criterion/criterion.h>
#include <string.h>

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

Test(garbage_refused, what_was_sent_is_shown)
{
    story *s = story_begin();
    history_record sent = {.type = PART_SENT, .detail = story_name(s, "GET / HTTP/9.9\\r\\n")};
    story_operation(s,
                    (history_record){.type = OPERATION_GARBAGE,
                                     .outcome = OUTCOME_FAILED,
                                     .failure = FAILURE_STATUS,
                                     .status = 500,
                                     .invoke = MS(1),
                                     .finish = MS(2)},
                    &sent, 1);
    const judge_finding *found = story_judge(s, "garbage-refused", NULL);
    cr_assert_eq(found->answer, ANSWER_VIOLATED);
    cr_assert_eq(found->step_count, 2);
    cr_assert(strstr(found->steps[0].line, "GET / HTTP/9.9\\r\\n") != NULL ||
              strstr(found->steps[1].line, "GET / HTTP/9.9\\r\\n") != NULL);
}
