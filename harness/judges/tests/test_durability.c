/* durability and recovered-writes: what was acknowledged, or seen, outlives restarts. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

Test(durability, a_write_seen_after_the_kill_holds)
{
    story *s = story_begin();
    uint64_t v = story_put(s, "a", 0, 10);
    story_restart(s, 20);
    story_get(s, "a", v, 30, 40);
    story_expect(s, "durability", ANSWER_HOLDS);
}

Test(durability, a_name_that_vanished_is_lost)
{
    story *s = story_begin();
    story_put(s, "a", 0, 10);
    story_restart(s, 20);
    story_find_nothing(s, "a", 30, 40);
    const judge_finding *f = story_judge(s, "durability", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f->sentence, "'a' lost acknowledged put 1/1 by a kill -9"), "%s",
                       f->sentence);
    cr_assert_eq(f->first_at, MS(40));
}

Test(durability, a_power_cut_is_told_apart_from_a_kill)
{
    story *s = story_begin();
    story_put(s, "a", 0, 10);
    story_restart(s, 20);
    story_event(s, EVENT_POWER_CUT, 20);
    story_find_nothing(s, "a", 30, 40);
    const judge_finding *f = story_judge(s, "durability", NULL);
    cr_assert_not_null(strstr(f->sentence, "by a power cut"), "%s", f->sentence);
}

Test(durability, an_older_value_after_the_kill_is_a_loss)
{
    story *s = story_begin();
    uint64_t old = story_put(s, "a", 0, 5);
    story_put(s, "a", 6, 10);
    story_restart(s, 20);
    story_get(s, "a", old, 30, 40);
    story_expect(s, "durability", ANSWER_VIOLATED);
}

Test(durability, an_older_value_without_a_restart_between_is_not_its_business)
{
    story *s = story_begin();
    uint64_t old = story_put(s, "a", 0, 5);
    story_restart(s, 6);
    uint64_t now = story_put(s, "a", 10, 20);
    story_get(s, "a", old, 30, 40);
    story_get(s, "a", now, 50, 60);
    story_expect(s, "durability", ANSWER_HOLDS);
}

Test(durability, an_unknown_write_may_vanish_or_appear_late)
{
    story *s = story_begin();
    uint64_t sure = story_put(s, "a", 0, 5);
    uint64_t maybe = story_put_as(s, "a", 6, 19, OUTCOME_UNKNOWN);
    story_restart(s, 20);
    story_get(s, "a", sure, 30, 40);
    story_get(s, "a", maybe, 50, 60);
    story_expect(s, "durability", ANSWER_HOLDS);
}

Test(durability, a_delete_that_may_have_come_after_explains_absence)
{
    for (int how = OUTCOME_OK; how <= OUTCOME_UNKNOWN; how++) {
        story *s = story_begin();
        story_put(s, "a", 0, 10);
        story_delete_as(s, "a", 11, 15, (outcome)how);
        story_restart(s, 20);
        story_find_nothing(s, "a", 30, 40);
        story_expect(s, "durability", how == OUTCOME_FAILED ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(durability, a_delete_before_the_write_or_after_the_look_explains_nothing)
{
    for (int after = 0; after < 2; after++) {
        story *s = story_begin();
        if (!after)
            story_delete(s, "a", 0, 5);
        story_put(s, "a", 6, 10);
        story_restart(s, 20);
        story_find_nothing(s, "a", 30, 40);
        if (after)
            story_delete_as(s, "a", 50, 60, OUTCOME_UNKNOWN);
        story_expect(s, "durability", ANSWER_VIOLATED);
    }
}

Test(durability, a_deleted_file_that_comes_back_is_a_loss_of_the_delete)
{
    story *s = story_begin();
    uint64_t v = story_put(s, "a", 0, 5);
    story_delete(s, "a", 6, 10);
    story_restart(s, 20);
    story_get(s, "a", v, 30, 40);
    story_expect(s, "durability", ANSWER_VIOLATED);
}

Test(durability, concurrent_writes_may_end_in_either_order)
{
    story *s = story_begin();
    uint64_t first = story_put(s, "a", 0, 10);
    story_put(s, "a", 5, 12);
    story_restart(s, 20);
    story_get(s, "a", first, 30, 40);
    story_expect(s, "durability", ANSWER_HOLDS);
}

static uint64_t upload(story *s, uint64_t from, outcome last)
{
    uint64_t value =
        story_do(s, OPERATION_UPLOAD_CREATE, "a", (history_record){.size = 10}, from, from + 1);
    story_do(s, OPERATION_UPLOAD_PATCH, "a",
             (history_record){
                 .value = value, .size = 10, .flags = FLAG_COMPLETES, .outcome = (uint8_t)last},
             from + 2, from + 3);
    return value;
}

Test(durability, a_finished_upload_counts_from_its_last_piece)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = story_begin();
        uint64_t old = upload(s, 1, wrong ? OUTCOME_OK : OUTCOME_UNKNOWN);
        story_put(s, "a", 6, 10);
        story_restart(s, 20);
        story_get(s, "a", old, 30, 40);
        story_expect(s, "durability", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
    story *s = story_begin();
    uint64_t old = story_put(s, "a", 1, 2);
    upload(s, 3, OUTCOME_OK);
    story_restart(s, 20);
    story_get(s, "a", old, 30, 40);
    story_expect(s, "durability", ANSWER_VIOLATED);
}

Test(durability, is_not_proven_without_a_restart_or_without_a_look_after_it)
{
    for (int looks = 0; looks < 3; looks++) {
        story *s = story_begin();
        uint64_t v = story_put(s, "a", 0, 10);
        story_get(s, "a", v, 11, 12);
        if (looks > 0)
            story_restart(s, 20);
        if (looks > 1)
            story_get(s, "a", v, 30, 40);
        story_expect(s, "durability", looks > 1 ? ANSWER_HOLDS : ANSWER_NOT_PROVEN);
    }
}

Test(durability, the_stop_at_the_end_puts_nothing_at_risk)
{
    story *s = story_begin();
    uint64_t v = story_put(s, "a", 0, 10);
    story_restart(s, 20);
    story_get(s, "a", v, 30, 40);
    story_exit(s, 50, true, 0);
    story_expect(s, "durability", ANSWER_HOLDS);
}

Test(durability, what_cannot_be_read_after_the_quiet_period_is_lost)
{
    for (int refused = 0; refused < 2; refused++) {
        story *s = story_begin();
        story_put(s, "a", 0, 10);
        story_restart(s, 20);
        story_do(s, OPERATION_GET, "a",
                 (history_record){.flags = FLAG_FINAL,
                                  .outcome = OUTCOME_FAILED,
                                  .failure = refused ? FAILURE_STATUS : FAILURE_CONNECT,
                                  .status = refused ? 500 : 0},
                 30, 40);
        const judge_finding *f = story_judge(s, "durability", NULL);
        cr_assert_eq(f->answer, refused ? ANSWER_VIOLATED : ANSWER_NOT_PROVEN);
        cr_assert(!refused ||
                  strstr(f->steps[f->step_count - 1].line, "; 1 names cannot be read") != NULL);
    }
}

Test(recovered_writes, an_unknown_write_that_was_seen_must_stay)
{
    for (int lost = 0; lost < 2; lost++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "k", 1, 2);
        uint64_t b = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
        story_get(s, "k", a, 5, 6);
        story_get(s, "k", b, 7, 8);
        story_restart(s, 9);
        story_get(s, "k", lost ? a : b, 10, 11);
        story_expect(s, "recovered-writes", lost ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(recovered_writes, only_what_may_have_removed_it_explains_that_it_is_gone)
{
    for (int deleted = 0; deleted < 2; deleted++) {
        story *s = story_begin();
        uint64_t a = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
        story_get(s, "k", a, 5, 6);
        if (deleted)
            story_delete_as(s, "k", 7, 8, OUTCOME_UNKNOWN);
        story_find_nothing(s, "k", 9, 10);
        story_expect(s, "recovered-writes", deleted ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}

Test(recovered_writes, a_newer_write_may_take_its_place)
{
    story *s = story_begin();
    uint64_t a = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
    story_get(s, "k", a, 5, 6);
    uint64_t b = story_put(s, "k", 7, 8);
    story_get(s, "k", b, 9, 10);
    story_expect(s, "recovered-writes", ANSWER_HOLDS);
}

Test(recovered_writes, an_unknown_upload_that_was_seen_must_stay)
{
    story *s = story_begin();
    uint64_t old = story_put(s, "a", 0, 1);
    uint64_t value = upload(s, 2, OUTCOME_UNKNOWN);
    story_get(s, "a", value, 10, 11);
    story_get(s, "a", old, 12, 13);
    story_expect(s, "recovered-writes", ANSWER_VIOLATED);
}
