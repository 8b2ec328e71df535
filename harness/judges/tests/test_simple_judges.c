#include <criterion/criterion.h>
#include <string.h>

#include "stories.h"

Test(read_integrity, holds_when_each_read_is_one_write_of_that_name)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 10, OUTCOME_UNKNOWN)->value;
    story_get(&s, 2, "a", 5, 15, v);
    cr_assert_eq(story_judge(&s, "read-integrity").answer, ANSWER_HOLDS);
}

Test(read_integrity, is_not_proven_when_nothing_was_read)
{
    story s = {0};
    story_put(&s, 1, "a", 0, 10, OUTCOME_OK);
    story_missing(&s, 2, "a", 20, 30);
    cr_assert_eq(story_judge(&s, "read-integrity").answer, ANSWER_NOT_PROVEN);
}

Test(read_integrity, notices_another_names_write)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 10, OUTCOME_OK)->value;
    story_put(&s, 1, "b", 11, 12, OUTCOME_OK);
    story_get(&s, 2, "b", 20, 30, v);
    judge_finding f = story_judge(&s, "read-integrity");
    cr_assert_eq(f.answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f.sentence, "of another name"), "%s", f.sentence);
}

Test(read_integrity, notices_a_write_that_nobody_made_and_one_seen_before_it_was_made)
{
    story never = {0};
    story_put(&never, 1, "a", 0, 10, OUTCOME_OK);
    story_get(&never, 2, "a", 20, 30, value_of(1, 99));
    cr_assert_eq(story_judge(&never, "read-integrity").answer, ANSWER_VIOLATED);
    story early = {0};
    story_get(&early, 2, "a", 0, 5, value_of(1, 1));
    story_put(&early, 1, "a", 10, 20, OUTCOME_OK);
    cr_assert_eq(story_judge(&early, "read-integrity").answer, ANSWER_VIOLATED);
}

Test(read_integrity, names_key_operation_and_offset_of_wrong_bytes)
{
    story s = {0};
    story_put(&s, 1, "a", 0, 10, OUTCOME_OK);
    history_record *part = story_event(&s, EVENT_NOTE, 20);
    part->kind = RECORD_PART;
    part->type = PART_MISMATCH;
    part->client = 2;
    part->sequence = 1;
    part->size = 1000;
    history_record *r = story_get(&s, 2, "a", 20, 30, value_of(1, 1));
    r->outcome = OUTCOME_FAILED;
    r->failure = FAILURE_CONTENT;
    judge_finding f = story_judge(&s, "read-integrity");
    cr_assert_eq(f.answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f.sentence, "get 2/1 of 'a' read wrong bytes, first at byte 1000"),
                       "%s", f.sentence);
    cr_assert_eq(f.evidence_count, 2);
}

Test(recovery, tells_apart_recovered_not_recovered_and_never_there)
{
    story s = {0};
    cr_assert_eq(story_judge(&s, "recovery").answer, ANSWER_NOT_PROVEN);
    story_event(&s, EVENT_QUIET_FAILED, 100);
    cr_assert_eq(story_judge(&s, "recovery").answer, ANSWER_NOT_PROVEN);
    story worked = {0};
    story_put(&worked, 1, "a", 0, 10, OUTCOME_OK);
    story_event(&worked, EVENT_QUIET_FAILED, 100);
    cr_assert_eq(story_judge(&worked, "recovery").answer, ANSWER_VIOLATED);
    story quiet = {0};
    story_event(&quiet, EVENT_QUIET, 100);
    cr_assert_eq(story_judge(&quiet, "recovery").answer, ANSWER_HOLDS);
}

Test(process_hygiene, an_exit_that_nobody_planned_or_a_bad_stop_is_a_violation)
{
    story planned = {0};
    story_kill(&planned, 10);
    cr_assert_eq(story_judge(&planned, "process-hygiene").answer, ANSWER_HOLDS);
    story crash = {0};
    story_event(&crash, EVENT_TARGET_EXIT, 10)->value = 11;
    cr_assert_eq(story_judge(&crash, "process-hygiene").answer, ANSWER_VIOLATED);
    story bad_stop = {0};
    history_record *r = story_event(&bad_stop, EVENT_TARGET_EXIT, 10);
    r->status = 1;
    r->value = 1 << 8;
    cr_assert_eq(story_judge(&bad_stop, "process-hygiene").answer, ANSWER_VIOLATED);
}
