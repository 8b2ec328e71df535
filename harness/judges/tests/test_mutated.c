/* A valid history with one record corrupted: the right judge says so and shows that record. */
#include <criterion/criterion.h>

#include "base/random.h"
#include "story.h"

#define TURNS 120

typedef enum { STALE_READ, LOST_WRITE, REFUSED_WRITE, FOREIGN_READ, REPEATED_VERSION } mutation;

/* One client that writes and reads in turn; at one turn something is wrong. */
static story *tell(mutation what, uint64_t turn, bool wrong)
{
    story *s = story_begin();
    uint64_t before = 0;
    uint64_t foreign = story_put(s, "other", 0, 1);
    story_get(s, "other", foreign, 2, 3);
    for (uint64_t i = 0; i < TURNS; i++) {
        bool now = wrong && i == turn;
        history_record put = {.type = OPERATION_PUT,
                              .key = story_name(s, "k"),
                              .invoke = MS(10 * i + 4),
                              .finish = MS(10 * i + 5),
                              .version = (uint32_t)(now && what == REPEATED_VERSION ? i : i + 1)};
        if (now && what == REFUSED_WRITE)
            put.outcome = OUTCOME_FAILED;
        uint64_t value = story_operation(s, put, NULL, 0);
        uint64_t seen = !now                   ? value
                        : what == STALE_READ   ? before
                        : what == LOST_WRITE   ? 0
                        : what == FOREIGN_READ ? foreign
                                               : value;
        story_get(s, "k", seen, 10 * i + 7, 10 * i + 8);
        before = value;
    }
    return s;
}

static void expect_noticed(mutation what, const char *judge_name)
{
    random_stream r = random_named(1, "mutations");
    for (int round = 0; round < 20; round++) {
        uint64_t turn = random_between(&r, 1, TURNS - 1);
        story_expect(tell(what, turn, false), judge_name, ANSWER_HOLDS);
        const judge_finding *f = story_judge(tell(what, turn, true), judge_name, NULL);
        cr_assert(f->answer == ANSWER_VIOLATED, "%s: %s", judge_name, f->sentence);
        /* Two records before the turns, two in each. */
        bool shown = false;
        for (size_t i = 0; i < f->step_count; i++)
            shown =
                shown || f->steps[i].record == 2 + 2 * turn || f->steps[i].record == 3 + 2 * turn;
        cr_assert(shown, "%s does not show the corrupted record of turn %lu", judge_name, turn);
    }
}

Test(mutated, a_stale_read_is_noticed)
{
    expect_noticed(STALE_READ, "linearizable");
}

Test(mutated, a_write_that_vanished_is_noticed)
{
    expect_noticed(LOST_WRITE, "linearizable");
}

Test(mutated, a_refused_write_that_was_read_is_noticed)
{
    expect_noticed(REFUSED_WRITE, "no-phantom");
}

Test(mutated, another_names_content_is_noticed)
{
    expect_noticed(FOREIGN_READ, "read-integrity");
}

Test(mutated, a_repeated_version_is_noticed)
{
    expect_noticed(REPEATED_VERSION, "version-order");
}
