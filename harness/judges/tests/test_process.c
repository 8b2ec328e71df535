/* recovery and process-hygiene. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

Test(recovery, tells_apart_recovered_not_recovered_and_never_there)
{
    story_expect(story_begin(), "recovery", ANSWER_NOT_PROVEN);
    story *never = story_begin();
    story_event(never, EVENT_QUIET_FAILED, 100);
    story_expect(never, "recovery", ANSWER_NOT_PROVEN);
    story *worked = story_begin();
    story_put(worked, "a", 0, 10);
    story_event(worked, EVENT_QUIET_FAILED, 100);
    story_expect(worked, "recovery", ANSWER_VIOLATED);
    story *quiet = story_begin();
    story_event(quiet, EVENT_QUIET, 100);
    story_expect(quiet, "recovery", ANSWER_HOLDS);
}

static judge_answer ended(bool planned, int wait_status)
{
    story *s = story_begin();
    story_event(s, EVENT_TARGET_START, 1);
    story_exit(s, 10, planned, wait_status);
    return story_judge(s, "process-hygiene", NULL)->answer;
}

Test(process_hygiene, an_exit_that_nobody_planned_or_a_bad_stop_is_a_violation)
{
    cr_assert_eq(ended(true, 9), ANSWER_HOLDS);
    cr_assert_eq(ended(true, 15), ANSWER_HOLDS);
    cr_assert_eq(ended(true, 0), ANSWER_HOLDS);
    cr_assert_eq(ended(true, 6), ANSWER_VIOLATED);
    cr_assert_eq(ended(true, 1 << 8), ANSWER_VIOLATED);
    cr_assert_eq(ended(false, 0), ANSWER_VIOLATED);
    cr_assert_eq(ended(false, 11), ANSWER_VIOLATED);
    cr_assert_eq(ended(false, 9), ANSWER_VIOLATED);
}

Test(process_hygiene, a_target_that_does_not_stop_when_it_is_asked_is_a_violation)
{
    story *s = story_begin();
    story_event(s, EVENT_TARGET_START, 1);
    story_exit(s, 10, true, 9);
    story_event(s, EVENT_STOP_FAILED, 11);
    story_expect(s, "process-hygiene", ANSWER_VIOLATED);
}

static bool shows(const judge_finding *found, const char *text)
{
    for (size_t i = 0; i < found->step_count; i++)
        if (strstr(found->steps[i].line, text) != NULL)
            return true;
    return false;
}

/* A client sent it from 8 ms to 10 ms and found nobody afterwards. */
static bool tells_what_was_sent_before(uint64_t end)
{
    story *s = story_begin();
    history_record sent = {.type = PART_SENT,
                           .detail = story_name(s, "GET /v1/files/\\x01"),
                           .invoke = MS(8),
                           .finish = MS(10)};
    story_event(s, EVENT_TARGET_START, 1);
    story_exit(s, end, false, 6);
    story_operation(s,
                    (history_record){.type = OPERATION_GARBAGE,
                                     .outcome = OUTCOME_FAILED,
                                     .failure = FAILURE_CONNECT,
                                     .invoke = MS(end + 1),
                                     .finish = MS(end + 2)},
                    &sent, 1);
    return shows(story_judge(s, "process-hygiene", NULL), "GET /v1/files/\\x01");
}

Test(process_hygiene, what_was_sent_shortly_before_the_end_is_shown)
{
    cr_assert(tells_what_was_sent_before(9));
    cr_assert(tells_what_was_sent_before(12));
    cr_assert_not(tells_what_was_sent_before(1000));
}
