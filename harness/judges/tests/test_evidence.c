/* What findings show to people: each step once, in order of time, of what was seen first. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

static bool told(const judge_finding *f, size_t step, const char *text)
{
    return step < f->step_count && strstr(f->steps[step].line, text) != NULL;
}

static void read_channel(story *s, const uint64_t *appends, size_t count, uint64_t from)
{
    history_record parts[4] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_SAMPLES, .value = appends[i], .size = 10};
    story_operation(s,
                    (history_record){.type = OPERATION_CHANNEL_READ,
                                     .key = story_name(s, "c"),
                                     .size = 10 * count,
                                     .invoke = MS(from),
                                     .finish = MS(from + 1)},
                    parts, count);
}

Test(evidence, a_missing_append_is_named_with_the_last_read_that_had_it_and_the_one_that_lacks_it)
{
    story *s = story_begin();
    history_record ten = {.size = 10, .status = 200};
    uint64_t a = story_do(s, OPERATION_CHANNEL_APPEND, "c", ten, 1, 2);
    uint64_t b = story_do(s, OPERATION_CHANNEL_APPEND, "c", ten, 3, 4);
    read_channel(s, (uint64_t[]){a, b}, 2, 10);
    read_channel(s, (uint64_t[]){a}, 1, 20);
    const judge_finding *f = story_judge(s, "channel-bounded", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert_not_null(strstr(f->sentence, "the 10 samples of append 1/2, acknowledged at 0.0040 "
                                           "s, are missing from read 1/4 at 0.0200 s, which has 10 "
                                           "samples of at most 1000"),
                       "%s", f->sentence);
    cr_assert_eq(f->step_count, 3);
    cr_assert(told(f, 0, "0.0030 .. 0.0040 s  client 1: channel-append 1/2 'c', 10 samples -> ok"));
    cr_assert(told(f, 1, "channel-read 1/3 'c' -> ok, 20 samples"), "%s", f->steps[1].line);
    cr_assert(told(f, 2, "channel-read 1/4 'c' -> ok, 10 samples"), "%s", f->steps[2].line);
}

Test(evidence, what_was_seen_first_is_shown_however_late_it_is_found)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "a", 1, 2);
    uint64_t b = story_put(s, "b", 1, 2);
    story_put(s, "a", 3, 4);
    story_put(s, "b", 3, 4);
    story_get(s, "a", a, 30, 31);
    story_get(s, "b", b, 20, 21);
    const judge_finding *f = story_judge(s, "linearizable", NULL);
    cr_assert_eq(f->violations, 2);
    cr_assert_eq(f->first_at, MS(21));
    cr_assert_not_null(strstr(f->sentence, "'b'"), "%s", f->sentence);
    for (size_t i = 0; i < f->step_count; i++)
        cr_assert(told(f, i, "'b'"), "%s", f->steps[i].line);
}

Test(evidence, steps_stand_in_order_of_time_and_none_twice)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    uint64_t b = story_put(s, "k", 3, 4);
    story_get(s, "k", b, 5, 6);
    story_get(s, "k", a, 7, 8);
    story_restart(s, 9);
    story_get(s, "k", a, 20, 21);
    const judge_finding *f = story_judge(s, "linearizable", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    for (size_t i = 1; i < f->step_count; i++) {
        cr_assert_geq(f->steps[i].at, f->steps[i - 1].at);
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(f->steps[i].record, f->steps[k].record);
    }
}

Test(evidence, a_write_that_a_kill_lost_stands_before_the_kill_and_the_read_behind_it)
{
    story *s = story_begin();
    story_put(s, "k", 1, 2);
    story_restart(s, 10);
    story_find_nothing(s, "k", 20, 21);
    const judge_finding *f = story_judge(s, "durability", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert(told(f, 0, "put 1/1 'k'"));
    cr_assert(told(f, 1, "the target was killed"), "%s", f->steps[1].line);
    cr_assert(told(f, 2, "get 1/2 'k' -> ok 200, found nothing"), "%s", f->steps[2].line);
    cr_assert(told(f, 3, "in all"));
}

Test(evidence, names_cannot_bring_control_characters_into_a_report)
{
    story *s = story_begin();
    story_put(s, "k\033[2J\n", 1, 2);
    story_restart(s, 10);
    story_find_nothing(s, "k\033[2J\n", 20, 21);
    const judge_finding *f = story_judge(s, "durability", NULL);
    cr_assert(told(f, 0, "'k?[2J?'"), "%s", f->steps[0].line);
}

Test(evidence, a_conditional_write_says_what_it_was_told_to_replace)
{
    story *s = story_begin();
    uint64_t a = story_put(s, "k", 1, 2);
    history_record swap = {.flags = FLAG_IF_MATCH, .expected = a, .size = 5, .status = 200};
    story_do(s, OPERATION_PUT, "k", swap, 3, 4);
    story_do(s, OPERATION_PUT, "k", swap, 5, 6);
    const judge_finding *f = story_judge(s, "cas-exclusive", NULL);
    cr_assert_eq(f->answer, ANSWER_VIOLATED);
    cr_assert(told(f, 1, "put 1/3 'k', 5 bytes, if it still is 1/1 -> ok 200"), "%s",
              f->steps[1].line);
}
