#include <criterion/criterion.h>
#include <string.h>

#include "stories.h"

static judge_finding durability(const story *s)
{
    return story_judge(s, "durability");
}

Test(durability, a_write_seen_after_the_kill_holds)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 10, OUTCOME_OK)->value;
    story_kill(&s, 20);
    story_get(&s, 2, "a", 30, 40, v);
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, a_name_that_vanished_is_lost)
{
    story s = {0};
    story_put(&s, 1, "a", 0, 10, OUTCOME_OK);
    story_kill(&s, 20);
    story_missing(&s, 2, "a", 30, 40);
    judge_finding f = durability(&s);
    cr_assert_eq(f.answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f.sentence, "'a' lost acknowledged put 1/1 by a kill -9"), "%s",
                       f.sentence);
    cr_assert_eq(f.first_at, 40000000);
}

Test(durability, an_older_value_after_the_kill_is_a_loss)
{
    story s = {0};
    uint64_t old = story_put(&s, 1, "a", 0, 5, OUTCOME_OK)->value;
    story_put(&s, 1, "a", 6, 10, OUTCOME_OK);
    story_kill(&s, 20);
    story_get(&s, 2, "a", 30, 40, old);
    cr_assert_eq(durability(&s).answer, ANSWER_VIOLATED);
}

Test(durability, an_older_value_without_a_restart_between_is_not_its_business)
{
    story s = {0};
    uint64_t old = story_put(&s, 1, "a", 0, 5, OUTCOME_OK)->value;
    story_kill(&s, 6);
    uint64_t now = story_put(&s, 1, "a", 10, 20, OUTCOME_OK)->value;
    story_get(&s, 2, "a", 30, 40, old);
    story_get(&s, 2, "a", 50, 60, now);
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, an_unknown_write_may_vanish_or_appear_late)
{
    story s = {0};
    uint64_t sure = story_put(&s, 1, "a", 0, 5, OUTCOME_OK)->value;
    uint64_t maybe = story_put(&s, 2, "a", 6, 19, OUTCOME_UNKNOWN)->value;
    story_kill(&s, 20);
    story_get(&s, 3, "a", 30, 40, sure);
    story_get(&s, 3, "a", 50, 60, maybe);
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, a_delete_that_may_have_come_after_explains_absence)
{
    for (int how = OUTCOME_OK; how <= OUTCOME_UNKNOWN; how++) {
        story s = {0};
        story_put(&s, 1, "a", 0, 10, OUTCOME_OK);
        story_delete(&s, 2, "a", 11, 15, (outcome)how);
        story_kill(&s, 20);
        story_missing(&s, 3, "a", 30, 40);
        cr_assert_eq(durability(&s).answer, how == OUTCOME_FAILED ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(durability, a_delete_before_the_write_explains_nothing)
{
    story s = {0};
    story_delete(&s, 2, "a", 0, 5, OUTCOME_OK);
    story_put(&s, 1, "a", 6, 10, OUTCOME_OK);
    story_kill(&s, 20);
    story_missing(&s, 3, "a", 30, 40);
    cr_assert_eq(durability(&s).answer, ANSWER_VIOLATED);
}

Test(durability, a_deleted_file_that_comes_back_is_a_loss_of_the_delete)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 5, OUTCOME_OK)->value;
    story_delete(&s, 1, "a", 6, 10, OUTCOME_OK);
    story_kill(&s, 20);
    story_get(&s, 2, "a", 30, 40, v);
    cr_assert_eq(durability(&s).answer, ANSWER_VIOLATED);
}

Test(durability, concurrent_writes_may_end_in_either_order)
{
    story s = {0};
    uint64_t first = story_put(&s, 1, "a", 0, 10, OUTCOME_OK)->value;
    story_put(&s, 2, "a", 5, 12, OUTCOME_OK);
    story_kill(&s, 20);
    story_get(&s, 3, "a", 30, 40, first);
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, is_not_proven_without_a_restart_or_without_a_look_after_it)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 10, OUTCOME_OK)->value;
    story_get(&s, 2, "a", 11, 12, v);
    cr_assert_eq(durability(&s).answer, ANSWER_NOT_PROVEN);
    story_kill(&s, 20);
    cr_assert_eq(durability(&s).answer, ANSWER_NOT_PROVEN);
    story_get(&s, 2, "a", 30, 40, v);
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, the_stop_at_the_end_puts_nothing_at_risk)
{
    story s = {0};
    uint64_t v = story_put(&s, 1, "a", 0, 10, OUTCOME_OK)->value;
    story_kill(&s, 20);
    story_get(&s, 2, "a", 30, 40, v);
    story_event(&s, EVENT_TARGET_EXIT, 50)->status = 1;
    cr_assert_eq(durability(&s).answer, ANSWER_HOLDS);
}

Test(durability, what_cannot_be_read_after_the_quiet_period_is_lost)
{
    story s = {0};
    story_put(&s, 1, "a", 0, 10, OUTCOME_OK);
    story_kill(&s, 20);
    history_record *r = story_missing(&s, 2, "a", 30, 40);
    r->flags = FLAG_FINAL;
    r->outcome = OUTCOME_FAILED;
    r->failure = FAILURE_STATUS;
    r->status = 500;
    cr_assert_eq(durability(&s).answer, ANSWER_VIOLATED);
    r->failure = FAILURE_CONNECT;
    r->status = 0;
    cr_assert_eq(durability(&s).answer, ANSWER_NOT_PROVEN);
}
