/* Names that moves touch: atomic-move, and every other judge of names. */
#include <criterion/criterion.h>
#include <string.h>

#include "story.h"

static const story_pair there[] = {{"d/a", "e/a", 1}, {"d/b", "e/b", 1}};
static const story_pair back[] = {{"e/a", "d/a", 2}, {"e/b", "d/b", 2}};

static story *two_files(void)
{
    story *s = story_begin();
    story_put(s, "d/a", 1, 2);
    story_put(s, "d/b", 1, 2);
    return s;
}

Test(atomic_move, a_listing_of_half_a_batch_is_violated)
{
    static const char *const half[] = {"e/a", "d/b"};
    static const char *const none[] = {"d/a", "d/b"};
    static const char *const all[] = {"e/a", "e/b"};
    static const struct {
        const char *const *names;
        judge_answer wanted;
    } cases[] = {{half, ANSWER_VIOLATED}, {none, ANSWER_HOLDS}, {all, ANSWER_HOLDS}};
    for (size_t i = 0; i < 3; i++) {
        story *s = two_files();
        story_move(s, there, 2, 3, 9, OUTCOME_UNKNOWN);
        story_list(s, "", cases[i].names, 2, 4, 0);
        story_expect(s, "atomic-move", cases[i].wanted);
    }
}

Test(atomic_move, a_listing_of_several_pages_may_see_a_batch_come)
{
    for (int atomic = 0; atomic < 2; atomic++) {
        story *s = two_files();
        story_move(s, there, 2, 3, 9, OUTCOME_UNKNOWN);
        history_record parts[] = {{.type = PART_ENTRY, .key = story_name(s, "d/b")},
                                  {.type = PART_ENTRY, .key = story_name(s, "e/a")}};
        story_operation(s,
                        (history_record){.type = OPERATION_LIST,
                                         .key = story_name(s, ""),
                                         .invoke = MS(4),
                                         .finish = MS(5),
                                         .flags = atomic ? FLAG_ATOMIC : 0},
                        parts, 2);
        story_expect(s, "atomic-move", atomic ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

/* To and fro with the same names: each batch is judged by what is seen before the next begins. */
Test(atomic_move, names_tell_of_each_of_their_batches_until_the_next)
{
    static const char *const half[] = {"e/a", "d/b"};
    static const char *const home[] = {"d/a", "d/b"};
    static const char *const rewritten[] = {"d/a", "d/b", "e/a"};
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = two_files();
        story_move(s, there, 2, 3, 4, OUTCOME_OK);
        story_move(s, back, 2, 5, 6, OUTCOME_OK);
        story_list(s, "", home, 2, 7, 0);
        story_move(s, there, 2, 9, 10, OUTCOME_FAILED);
        story_list(s, "", wrong ? half : home, 2, 11, 0);
        story_put(s, "e/a", 13, 14);
        story_list(s, "", rewritten, 3, 15, 0);
        story_expect(s, "atomic-move", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(atomic_move, reads_one_after_another_may_not_see_half)
{
    for (int half = 0; half < 2; half++) {
        story *s = story_begin();
        story_put(s, "d/a", 1, 2);
        uint64_t b = story_put(s, "d/b", 1, 2);
        story_move(s, there, 2, 3, 9, OUTCOME_UNKNOWN);
        story_find_nothing(s, "d/a", 4, 5);
        if (half)
            story_get(s, "d/b", b, 6, 7);
        else
            story_find_nothing(s, "d/b", 6, 7);
        story_expect(s, "atomic-move", half ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(atomic_move, an_acknowledged_batch_is_done_and_a_refused_one_is_not)
{
    for (int refused = 0; refused < 2; refused++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "d/a", 1, 2);
        story_put(s, "d/b", 1, 2);
        story_move(s, there, 2, 3, 4, refused ? OUTCOME_FAILED : OUTCOME_OK);
        story_get(s, "d/a", refused ? 0 : a, 5, 6);
        story_expect(s, "atomic-move", ANSWER_VIOLATED);
    }
}

/* --- what is read under moved names --- */

static void read_version(story *s, const char *key, uint64_t value, uint32_t version, uint64_t from)
{
    story_do(s, OPERATION_GET, key, (history_record){.value = value, .version = version}, from,
             from + 1);
}

static uint64_t put_version(story *s, const char *key, uint32_t version, uint64_t from)
{
    return story_do(s, OPERATION_PUT, key, (history_record){.version = version}, from, from + 1);
}

static const story_pair one[] = {{"a", "b", 2}};
static const story_pair home[] = {{"b", "a", 3}};

Test(moved_names, content_may_come_from_where_a_batch_moved_it_and_from_nowhere_else)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "d/a", 1, 2);
        uint64_t b = story_put(s, "d/b", 1, 2);
        story_move(s, there, 2, 3, 4, OUTCOME_OK);
        story_get(s, "e/b", wrong ? a : b, 5, 6);
        story_expect(s, "read-integrity", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, content_follows_moves_one_after_another_but_not_refused_or_later_ones)
{
    static const story_pair further[] = {{"b", "c", 1}};
    static const struct {
        outcome how;
        uint64_t second; /* when the second move is made */
        judge_answer wanted;
    } cases[] = {{OUTCOME_OK, 5, ANSWER_HOLDS},
                 {OUTCOME_UNKNOWN, 5, ANSWER_HOLDS},
                 {OUTCOME_FAILED, 5, ANSWER_VIOLATED},
                 {OUTCOME_OK, 30, ANSWER_VIOLATED}};
    for (size_t i = 0; i < 4; i++) {
        story *s = story_begin();
        uint64_t v = story_put(s, "a", 1, 2);
        story_move(s, one, 1, 3, 4, cases[i].how);
        story_move(s, further, 1, cases[i].second, cases[i].second + 1, OUTCOME_OK);
        story_get(s, "c", v, 10, 11);
        story_expect(s, "read-integrity", cases[i].wanted);
    }
}

Test(moved_names, content_written_after_the_move_did_not_move)
{
    story *s = story_begin();
    story_put(s, "a", 1, 2);
    story_move(s, one, 1, 3, 4, OUTCOME_OK);
    uint64_t later = story_put(s, "a", 5, 6);
    story_get(s, "b", later, 7, 8);
    story_expect(s, "read-integrity", ANSWER_VIOLATED);
}

/* A file is put, moved and put anew under its new name; the target goes down. */
static void lost_after_a_move(bool absent, bool old, judge_answer wanted)
{
    story *s = story_begin();
    uint64_t first = put_version(s, "a", 1, 1);
    story_move(s, one, 1, 3, 4, OUTCOME_OK);
    uint64_t second = put_version(s, "b", 3, 5);
    story_restart(s, 10);
    story_find_nothing(s, "a", 20, 21);
    if (absent)
        story_find_nothing(s, "b", 20, 21);
    else
        read_version(s, "b", old ? first : second, old ? 2 : 3, 20);
    story_expect(s, "durability", wanted);
}

Test(moved_names, what_was_written_onto_a_moved_name_outlives_a_kill)
{
    lost_after_a_move(false, false, ANSWER_HOLDS);
    lost_after_a_move(false, true, ANSWER_VIOLATED);
    lost_after_a_move(true, false, ANSWER_VIOLATED);
}

Test(moved_names, a_move_itself_outlives_a_kill_at_both_its_names)
{
    for (int kept = 0; kept < 3; kept++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        story_restart(s, 10);
        if (kept == 1)
            read_version(s, "a", v, 1, 20);
        else
            story_find_nothing(s, "a", 20, 21);
        if (kept == 2)
            story_find_nothing(s, "b", 22, 23);
        else
            read_version(s, "b", v, 2, 22);
        story_expect(s, "durability", kept > 0 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, the_evidence_says_what_moved_where)
{
    story *s = story_begin();
    put_version(s, "a", 1, 1);
    story_move(s, one, 1, 3, 4, OUTCOME_OK);
    story_restart(s, 10);
    story_find_nothing(s, "b", 22, 23);
    const judge_finding *f = story_judge(s, "durability", NULL);
    cr_assert(strstr(f->steps[0].line, "move 1/2 'a' to 'b' -> ok") != NULL, "%s",
              f->steps[0].line);
}

Test(moved_names, an_unknown_move_may_come_late_or_never)
{
    for (int came = 0; came < 2; came++) {
        for (int turn = 0; turn < 2; turn++) {
            story *s = story_begin();
            uint64_t v = put_version(s, "a", 1, 1);
            story_move(s, (story_pair[]){{"a", "b", 0}}, 1, 3, 4, OUTCOME_UNKNOWN);
            story_restart(s, 10);
            if (came)
                story_find_nothing(s, "a", 20, 21);
            else
                read_version(s, "a", v, 1, 20);
            if (came)
                read_version(s, "b", v, 2, 22);
            story_expect(s, turn ? "durability" : "linearizable", ANSWER_HOLDS);
        }
    }
}

Test(moved_names, a_stale_read_under_the_new_name_is_violated)
{
    for (int stale = 0; stale < 2; stale++) {
        story *s = story_begin();
        uint64_t over = put_version(s, "b", 1, 1);
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        read_version(s, "b", stale ? over : v, stale ? 1 : 2, 5);
        story_expect(s, "linearizable", stale ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, a_stale_read_of_moved_content_is_violated_after_an_overwrite)
{
    for (int stale = 0; stale < 2; stale++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        uint64_t now = put_version(s, "b", 3, 5);
        read_version(s, "b", stale ? v : now, stale ? 2 : 3, 7);
        story_expect(s, "linearizable", stale ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, what_moved_away_may_not_be_read_again)
{
    for (int again = 0; again < 2; again++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        if (again)
            read_version(s, "a", v, 1, 5);
        else
            story_find_nothing(s, "a", 5, 6);
        story_expect(s, "linearizable", again ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

/* The same content under the same name, once before it went away and once after it came back. */
Test(moved_names, content_that_comes_back_is_told_apart_by_its_version)
{
    for (int stale = 0; stale < 2; stale++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        story_find_nothing(s, "a", 5, 6);
        story_move(s, home, 1, 7, 8, OUTCOME_OK);
        read_version(s, "a", v, stale ? 1 : 3, 9);
        story_expect(s, "linearizable", stale ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, a_move_takes_what_is_current)
{
    for (int stale = 0; stale < 2; stale++) {
        story *s = story_begin();
        uint64_t first = put_version(s, "a", 1, 1);
        uint64_t second = put_version(s, "a", 2, 3);
        story_move(s, one, 1, 5, 6, OUTCOME_OK);
        read_version(s, "b", stale ? first : second, 2, 7);
        story_expect(s, "linearizable", stale ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, an_unknown_move_that_was_seen_stays)
{
    for (int gone = 0; gone < 2; gone++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        uint64_t over = put_version(s, "b", 1, 1);
        story_move(s, (story_pair[]){{"a", "b", 0}}, 1, 3, 4, OUTCOME_UNKNOWN);
        read_version(s, "b", v, 2, 5);
        story_restart(s, 7);
        read_version(s, "b", gone ? over : v, gone ? 1 : 2, 9);
        story_expect(s, "recovered-writes", gone ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(moved_names, version_numbers_go_on_and_bring_one_content)
{
    static const struct {
        uint32_t made; /* by the put after the move */
        bool two;      /* the moved version is read with two contents */
        judge_answer wanted;
    } cases[] = {{3, false, ANSWER_HOLDS},
                 {2, false, ANSWER_VIOLATED},
                 {1, false, ANSWER_VIOLATED},
                 {3, true, ANSWER_VIOLATED}};
    for (size_t i = 0; i < 4; i++) {
        story *s = story_begin();
        uint64_t v = put_version(s, "a", 1, 1);
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
        read_version(s, "b", v, 2, 5);
        uint64_t other = put_version(s, "b", cases[i].made, 7);
        story_do(s, OPERATION_GET_VERSION, "b",
                 (history_record){.value = cases[i].two ? other : v, .expected = 2, .version = 2},
                 9, 10);
        story_expect(s, "version-order", cases[i].wanted);
    }
}

static judge_answer create_twice(bool moved)
{
    story *s = story_begin();
    story_do(s, OPERATION_PUT, "a", (history_record){.flags = FLAG_IF_ABSENT}, 1, 2);
    if (moved)
        story_move(s, one, 1, 3, 4, OUTCOME_OK);
    story_do(s, OPERATION_PUT, "a", (history_record){.flags = FLAG_IF_ABSENT}, 5, 6);
    return story_judge(s, "cas-exclusive", NULL)->answer;
}

Test(moved_names, a_name_that_moved_away_is_free_to_be_created_once)
{
    cr_assert_eq(create_twice(true), ANSWER_HOLDS);
    cr_assert_eq(create_twice(false), ANSWER_VIOLATED);
    story *s = story_begin();
    story_do(s, OPERATION_PUT, "a", (history_record){.flags = FLAG_IF_ABSENT}, 1, 2);
    story_move(s, (story_pair[]){{"x", "a", 2}}, 1, 3, 4, OUTCOME_OK);
    story_do(s, OPERATION_PUT, "a", (history_record){.flags = FLAG_IF_ABSENT}, 5, 6);
    story_expect(s, "cas-exclusive", ANSWER_VIOLATED);
}

/* Each pair for itself, as WebDAV does it: the first was done, the second refused. */
Test(moved_names, a_batch_that_is_not_atomic_says_of_each_pair_what_came_of_it)
{
    for (int undone = 0; undone < 2; undone++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "d/a", 1, 2);
        uint64_t b = story_put(s, "d/b", 1, 2);
        history_record parts[2] = {{.type = PART_MOVE, .status = 201},
                                   {.type = PART_MOVE, .status = 412}};
        for (size_t i = 0; i < 2; i++) {
            parts[i].key = story_name(s, there[i].from);
            parts[i].detail = story_name(s, there[i].to);
        }
        story_operation(s,
                        (history_record){.type = OPERATION_MOVE,
                                         .outcome = OUTCOME_FAILED,
                                         .invoke = MS(3),
                                         .finish = MS(4)},
                        parts, 2);
        story_get(s, "e/a", a, 5, 6);
        story_get(s, undone ? "e/b" : "d/b", b, 5, 6);
        story_expect(s, "read-integrity", undone ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}
