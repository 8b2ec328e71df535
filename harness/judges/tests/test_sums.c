/* list-agrees and quota-exact: what the target adds up at the end. */
#include <criterion/criterion.h>

#include "story.h"

static void final_get(story *s, const char *key, uint64_t value, uint64_t size)
{
    story_do(s, OPERATION_GET, key,
             (history_record){.value = value,
                              .size = size,
                              .flags = (uint8_t)(FLAG_FINAL | (value == 0 ? FLAG_ABSENT : 0))},
             20, 21);
}

Test(list_agrees, a_missing_or_extra_name_is_violated)
{
    static const char *const names[] = {"a", "b"};
    static const struct {
        size_t listed;
        bool there;
        judge_answer wanted;
    } cases[] = {{2, true, ANSWER_HOLDS},
                 {1, true, ANSWER_VIOLATED},
                 {2, false, ANSWER_VIOLATED},
                 {1, false, ANSWER_HOLDS}};
    for (size_t i = 0; i < 4; i++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "a", 1, 2);
        uint64_t b = story_put(s, "b", 1, 2);
        final_get(s, "a", a, 100);
        final_get(s, "b", cases[i].there ? b : 0, 100);
        story_list(s, "", names, cases[i].listed, 22, FLAG_FINAL);
        story_expect(s, "list-agrees", cases[i].wanted);
    }
}

static void usage(story *s, uint64_t used, uint64_t quota, uint8_t flags, judge_answer wanted)
{
    uint64_t a = story_put(s, "quota/ann/f", 1, 2);
    final_get(s, "quota/ann/f", a, 100);
    story_do(s, OPERATION_USAGE, "ann",
             (history_record){.size = used, .expected = quota, .flags = flags}, 22, 23);
    story_expect(s, "quota-exact", wanted);
}

Test(quota_exact, more_than_the_quota_or_another_sum_is_violated)
{
    usage(story_begin(), 100, 1000, FLAG_FINAL, ANSWER_HOLDS);
    usage(story_begin(), 90, 1000, FLAG_FINAL, ANSWER_VIOLATED);
    usage(story_begin(), 90, 1000, 0, ANSWER_NOT_PROVEN);
    usage(story_begin(), 1001, 1000, 0, ANSWER_VIOLATED);
    usage(story_begin(), 100, 99, FLAG_FINAL, ANSWER_VIOLATED);
    usage(story_begin(), 90, 80, FLAG_FINAL, ANSWER_VIOLATED);
}

/* The write of 300 bytes may still come: 100 bytes or 300 are used, and no others. */
Test(quota_exact, an_unknown_write_leaves_a_span)
{
    static const struct {
        uint64_t used;
        judge_answer wanted;
    } cases[] = {
        {99, ANSWER_VIOLATED}, {100, ANSWER_HOLDS}, {300, ANSWER_HOLDS}, {301, ANSWER_VIOLATED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        story *s = story_begin();
        story_operation(s,
                        (history_record){.type = OPERATION_PUT,
                                         .key = story_name(s, "quota/ann/f"),
                                         .outcome = OUTCOME_UNKNOWN,
                                         .size = 300,
                                         .invoke = MS(1),
                                         .finish = MS(2)},
                        NULL, 0);
        usage(s, cases[i].used, 1000, FLAG_FINAL, cases[i].wanted);
    }
}
