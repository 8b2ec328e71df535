/* read-integrity and no-phantom: whose content a read may bring. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

Test(read_integrity, holds_when_each_read_is_one_write_of_that_name)
{
    story *s = story_begin();
    uint64_t v = story_put_as(s, "a", 0, 10, OUTCOME_UNKNOWN);
    story_get(s, "a", v, 5, 15);
    story_expect(s, "read-integrity", ANSWER_HOLDS);
}

Test(read_integrity, is_not_proven_when_nothing_was_read)
{
    story *s = story_begin();
    story_put(s, "a", 0, 10);
    story_find_nothing(s, "a", 20, 30);
    story_expect(s, "read-integrity", ANSWER_NOT_PROVEN);
}

Test(read_integrity, notices_another_names_write)
{
    story *s = story_begin();
    uint64_t v = story_put(s, "a", 0, 10);
    story_put(s, "b", 11, 12);
    story_get(s, "b", v, 20, 30);
    const judge_finding *f = story_judge(s, "read-integrity", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f->sentence, "of another name"), "%s", f->sentence);
}

Test(read_integrity, notices_a_write_that_nobody_made_and_one_seen_before_it_was_made)
{
    story *never = story_begin();
    story_put(never, "a", 0, 10);
    story_get(never, "a", value_of(1, 99), 20, 30);
    story_expect(never, "read-integrity", ANSWER_VIOLATED);
    story *early = story_begin();
    story_get(early, "a", value_of(1, 2), 0, 5);
    story_put(early, "a", 10, 20);
    story_expect(early, "read-integrity", ANSWER_VIOLATED);
}

Test(read_integrity, names_key_operation_and_offset_of_wrong_bytes)
{
    story *s = story_begin();
    story_put(s, "a", 0, 10);
    history_record part = {.type = PART_MISMATCH, .size = 1000};
    story_operation(s,
                    (history_record){.type = OPERATION_GET,
                                     .key = story_name(s, "a"),
                                     .invoke = MS(20),
                                     .finish = MS(30),
                                     .outcome = OUTCOME_FAILED,
                                     .failure = FAILURE_CONTENT},
                    &part, 1);
    const judge_finding *f = story_judge(s, "read-integrity", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f->sentence, "get 1/2 of 'a' read wrong bytes, first at byte 1000"),
                       "%s", f->sentence);
    cr_assert_eq(f->step_count, 1);
}

static judge_answer cut(uint8_t flags)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "a", 0, 10);
    story_get(s, "a", a, 11, 12);
    story_do(
        s, OPERATION_GET, "a",
        (history_record){
            .outcome = OUTCOME_FAILED, .failure = FAILURE_TRUNCATED, .size = 7, .flags = flags},
        13, 14);
    return story_judge(s, "read-integrity", NULL)->answer;
}

Test(read_integrity, a_body_that_ends_too_early_is_excused_only_before_the_quiet_period)
{
    cr_assert_eq(cut(0), ANSWER_HOLDS);
    cr_assert_eq(cut(FLAG_FINAL), ANSWER_VIOLATED);
}

Test(read_integrity, an_empty_body_that_nobody_wrote_is_violated)
{
    for (uint64_t size = 0; size < 2; size++) {
        story *s = story_begin();
        uint64_t first = story_do(s, OPERATION_PUT, "d/a", (history_record){.size = 64}, 1, 2);
        story_do(s, OPERATION_PUT, "d/b", (history_record){.size = size}, 1, 2);
        story_get(s, "d/a", first, 2, 3);
        story_move(s, (story_pair[]){{"d/a", "e/a", 1}, {"d/b", "e/b", 1}}, 2, 3, 4, OUTCOME_OK);
        story_do(s, OPERATION_GET, "e/b", (history_record){.flags = FLAG_UNIDENTIFIED}, 5, 6);
        story_expect(s, "read-integrity", size > 0 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(no_phantom, a_refused_write_that_is_seen_is_violated)
{
    story *s = story_begin();
    uint64_t a = story_put_as(s, "k", 1, 2, OUTCOME_FAILED);
    story_get(s, "k", a, 3, 4);
    story_expect(s, "no-phantom", ANSWER_VIOLATED);
}

Test(no_phantom, an_unknown_write_that_is_seen_holds)
{
    story *s = story_begin();
    uint64_t a = story_put_as(s, "k", 1, 2, OUTCOME_UNKNOWN);
    story_get(s, "k", a, 3, 4);
    story_expect(s, "no-phantom", ANSWER_HOLDS);
}
