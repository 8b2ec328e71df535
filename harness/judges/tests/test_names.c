/* Judges of single names: linearizable, cas-exclusive, version-order. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

Test(linearizable, a_read_of_the_last_value_holds)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    story_get(s, "k", a, 3, 4);
    story_expect(s, "linearizable", ANSWER_HOLDS);
}

Test(linearizable, a_stale_read_is_violated_and_shows_both_writes)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    story_put(s, "k", 3, 4);
    story_get(s, "k", a, 5, 6);
    const judge_finding *f = story_judge(s, "linearizable", NULL);
    cr_assert(f->answer == ANSWER_VIOLATED);
    cr_assert(f->step_count == 3, "%zu", f->step_count);
    cr_assert(f->first_at == MS(6));
    cr_assert(strstr(f->steps[0].line, "'k'") != NULL, "%s", f->steps[0].line);
}

Test(linearizable, a_read_beside_a_write_may_see_either)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    uint64_t b = story_put(s, "k", 3, 8);
    story_get(s, "k", b, 4, 5);
    story_get(s, "k", a, 4, 5);
    story_expect(s, "linearizable", ANSWER_HOLDS);
}

Test(linearizable, going_back_to_the_old_value_during_a_write_is_violated)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    uint64_t b = story_put(s, "k", 3, 9);
    story_get(s, "k", b, 4, 5);
    story_get(s, "k", a, 6, 7);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

Test(linearizable, an_unknown_write_may_appear_late)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    uint64_t b = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
    story_get(s, "k", a, 5, 6);
    story_get(s, "k", b, 7, 8);
    story_expect(s, "linearizable", ANSWER_HOLDS);
}

Test(linearizable, an_unknown_write_that_appeared_may_not_go_again)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    uint64_t b = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
    story_get(s, "k", b, 5, 6);
    story_get(s, "k", a, 7, 8);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

Test(linearizable, nothing_found_after_an_acknowledged_write_is_violated)
{
    story *s = story_begin();
    story_put(s, "k", 1, 2);
    story_find_nothing(s, "k", 3, 4);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

Test(linearizable, nothing_found_beside_a_delete_holds)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    story_delete(s, "k", 3, 9);
    story_get(s, "k", a, 4, 5);
    story_find_nothing(s, "k", 6, 7);
    story_expect(s, "linearizable", ANSWER_HOLDS);
}

Test(linearizable, a_value_that_comes_back_after_its_delete_is_violated)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    story_delete(s, "k", 3, 4);
    story_get(s, "k", a, 5, 6);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

Test(linearizable, one_delete_cannot_explain_two_absences)
{
    story *s = story_begin();
    story_put(s, "k", 1, 2);
    story_delete(s, "k", 3, 20);
    story_find_nothing(s, "k", 4, 5);
    uint64_t b = story_put(s, "k", 6, 7);
    story_get(s, "k", b, 8, 9);
    story_find_nothing(s, "k", 10, 11);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

static uint64_t restore(story *s, uint32_t from_version, uint32_t version, uint64_t from,
                        uint64_t to)
{
    return story_operation(s,
                           (history_record){.type = OPERATION_RESTORE,
                                            .key = story_name(s, "k"),
                                            .invoke = MS(from),
                                            .finish = MS(to),
                                            .expected = from_version,
                                            .version = version},
                           NULL, 0);
}

static uint64_t numbered_put(story *s, uint32_t version, uint64_t from, uint64_t to)
{
    return story_operation(s,
                           (history_record){.type = OPERATION_PUT,
                                            .key = story_name(s, "k"),
                                            .invoke = MS(from),
                                            .finish = MS(to),
                                            .version = version},
                           NULL, 0);
}

static void numbered_get(story *s, operation_type type, uint64_t value, uint32_t version,
                         uint64_t from, uint64_t to)
{
    bool old = type == OPERATION_GET_VERSION;
    story_operation(s,
                    (history_record){.type = (uint8_t)type,
                                     .key = story_name(s, "k"),
                                     .invoke = MS(from),
                                     .finish = MS(to),
                                     .value = value,
                                     .expected = old ? version : 0,
                                     .version = version},
                    NULL, 0);
}

Test(linearizable, restored_content_is_a_new_value)
{
    story *s = story_begin();
    uint64_t a = numbered_put(s, 1, 1, 2);
    numbered_put(s, 2, 3, 4);
    restore(s, 1, 3, 5, 6);
    numbered_get(s, OPERATION_GET, a, 3, 7, 8);
    story_expect(s, "linearizable", ANSWER_HOLDS);
}

Test(linearizable, the_old_version_after_a_restore_is_violated)
{
    story *s = story_begin();
    numbered_put(s, 1, 1, 2);
    uint64_t b = numbered_put(s, 2, 3, 4);
    restore(s, 1, 3, 5, 6);
    numbered_get(s, OPERATION_GET, b, 2, 7, 8);
    story_expect(s, "linearizable", ANSWER_VIOLATED);
}

static uint64_t conditional_put(story *s, uint8_t flags, uint64_t expected, uint64_t from,
                                uint64_t to)
{
    return story_operation(s,
                           (history_record){.type = OPERATION_PUT,
                                            .key = story_name(s, "k"),
                                            .invoke = MS(from),
                                            .finish = MS(to),
                                            .flags = flags,
                                            .expected = expected},
                           NULL, 0);
}

Test(cas_exclusive, two_successes_on_one_etag_are_violated)
{
    for (int turn = 0; turn < 2; turn++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "k", 1, 2);
        conditional_put(s, FLAG_IF_MATCH, a, 3, 6);
        conditional_put(s, FLAG_IF_MATCH, a, 4, 7);
        story_expect(s, turn == 0 ? "cas-exclusive" : "linearizable", ANSWER_VIOLATED);
    }
}

Test(cas_exclusive, a_chain_of_conditional_writes_holds)
{
    for (int turn = 0; turn < 2; turn++) {
        story *s = story_begin();
        uint64_t a = conditional_put(s, FLAG_IF_ABSENT, 0, 1, 2);
        uint64_t b = conditional_put(s, FLAG_IF_MATCH, a, 3, 6);
        conditional_put(s, FLAG_IF_MATCH, b, 4, 7);
        story_expect(s, turn == 0 ? "cas-exclusive" : "linearizable", ANSWER_HOLDS);
    }
}

Test(cas_exclusive, two_creations_are_violated_unless_a_delete_came_between)
{
    for (int deleted = 0; deleted < 2; deleted++) {
        story *s = story_begin();
        conditional_put(s, FLAG_IF_ABSENT, 0, 1, 2);
        if (deleted)
            story_delete(s, "k", 2, 3);
        conditional_put(s, FLAG_IF_ABSENT, 0, 4, 5);
        story_expect(s, "cas-exclusive", deleted ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}

Test(version_order, a_repeated_number_is_violated)
{
    story *s = story_begin();
    numbered_put(s, 1, 1, 2);
    numbered_put(s, 1, 1, 3);
    story_expect(s, "version-order", ANSWER_VIOLATED);
}

Test(version_order, a_smaller_number_for_a_later_write_is_violated)
{
    story *s = story_begin();
    numbered_put(s, 2, 1, 2);
    numbered_put(s, 1, 3, 4);
    story_expect(s, "version-order", ANSWER_VIOLATED);
}

Test(version_order, concurrent_writes_may_be_numbered_either_way)
{
    story *s = story_begin();
    numbered_put(s, 2, 1, 3);
    numbered_put(s, 1, 2, 4);
    story_expect(s, "version-order", ANSWER_HOLDS);
}

Test(version_order, an_old_version_with_new_content_is_violated)
{
    story *s = story_begin();
    numbered_put(s, 1, 1, 2);
    uint64_t b = numbered_put(s, 2, 3, 4);
    numbered_get(s, OPERATION_GET_VERSION, b, 1, 5, 6);
    story_expect(s, "version-order", ANSWER_VIOLATED);
}

Test(version_order, a_restore_brings_the_version_it_names)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = story_begin();
        uint64_t a = numbered_put(s, 1, 1, 2);
        uint64_t b = numbered_put(s, 2, 3, 4);
        restore(s, 1, 3, 5, 6);
        numbered_get(s, OPERATION_GET, wrong ? b : a, 3, 7, 8);
        story_expect(s, "version-order", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}
