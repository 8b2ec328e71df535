/* Judges that hold what clients saw against what the target itself counted and logged. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "story.h"

static void read_with(story *s, outcome how, failure why, uint16_t status)
{
    story_operation(s,
                    (history_record){.type = OPERATION_GET,
                                     .key = story_name(s, "k"),
                                     .outcome = (uint8_t)how,
                                     .failure = (uint8_t)why,
                                     .status = status,
                                     .invoke = MS(5),
                                     .finish = MS(6)},
                    NULL, 0);
}

static judge_answer count(uint64_t good, uint64_t missing, bool restarted)
{
    story *s = story_begin();
    story_event(s, EVENT_TARGET_START, 1);
    if (restarted)
        story_restart(s, 3);
    read_with(s, OUTCOME_OK, FAILURE_NONE, 200);
    read_with(s, OUTCOME_OK, FAILURE_NONE, 200);
    read_with(s, OUTCOME_OK, FAILURE_NONE, 404);
    story_count(s, 1u << OPERATION_GET, 200, good);
    story_count(s, 1u << OPERATION_GET, 404, missing);
    story_count(s, 1u << OPERATION_PUT, 0, 0);
    return story_judge(s, "counts-agree", NULL)->answer;
}

Test(counts_agree, one_answer_more_or_less_is_violated)
{
    cr_assert_eq(count(2, 1, false), ANSWER_HOLDS);
    cr_assert_eq(count(3, 1, false), ANSWER_VIOLATED);
    cr_assert_eq(count(2, 0, false), ANSWER_VIOLATED);
    cr_assert_eq(count(2, 2, false), ANSWER_VIOLATED);
}

Test(counts_agree, after_a_restart_or_without_an_answer_nothing_is_proven)
{
    cr_assert_eq(count(2, 1, true), ANSWER_NOT_PROVEN);
    story *s = story_begin();
    story_event(s, EVENT_TARGET_START, 1);
    read_with(s, OUTCOME_FAILED, FAILURE_TIMEOUT, 0);
    story_count(s, 1u << OPERATION_GET, 200, 1);
    story_expect(s, "counts-agree", ANSWER_NOT_PROVEN);
    story_expect(story_begin(), "counts-agree", ANSWER_NOT_PROVEN);
}

/* The log has the lines of client 1's operations with these statuses, from sequence 1 on. */
static judge_answer logged(uint16_t answered, const unsigned *statuses, size_t count)
{
    char text[1024] = "listening\n";
    story *s = story_begin();
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "{\"status\":%u,\"trace_id\":\"%016" PRIx64 "%08x%08zx\"}\n", statuses[i],
                 random_mix(STORY_SEED), 1u, i + 1);
    story_log(s, text);
    read_with(s, answered < 400 ? OUTCOME_OK : OUTCOME_FAILED,
              answered < 400 ? FAILURE_NONE : FAILURE_STATUS, answered);
    return story_judge(s, "errors-logged", NULL)->answer;
}

Test(errors_logged, an_error_that_only_one_side_knows_is_violated)
{
    cr_assert_eq(logged(503, (unsigned[]){503}, 1), ANSWER_HOLDS);
    cr_assert_eq(logged(503, NULL, 0), ANSWER_VIOLATED);
    cr_assert_eq(logged(503, (unsigned[]){500}, 1), ANSWER_VIOLATED);
    cr_assert_eq(logged(200, (unsigned[]){500}, 1), ANSWER_VIOLATED);
    cr_assert_eq(logged(200, NULL, 0), ANSWER_NOT_PROVEN);
}

/* An alarm about operation 1, and the line of operation 2, which was refused. */
static judge_answer complained(const char *level, outcome how, bool in_fault)
{
    char text[512];
    uint64_t run = random_mix(STORY_SEED);
    story *s = story_begin();
    snprintf(text, sizeof text,
             "{\"level\":\"%s\",\"message\":\"a file is short; trace %016" PRIx64 "%08x%08x\"}\n"
             "{\"status\":503,\"trace_id\":\"%016" PRIx64 "%08x%08x\"}\n",
             level, run, 1u, 1u, run, 1u, 2u);
    story_log(s, text);
    read_with(s, how, how == OUTCOME_OK ? FAILURE_NONE : FAILURE_TRUNCATED, 200);
    read_with(s, OUTCOME_FAILED, FAILURE_STATUS, 503);
    if (in_fault)
        story_fault(s, 1, 9);
    return story_judge(s, "errors-logged", NULL)->answer;
}

static judge_answer logged_with(const char *fields)
{
    story *s = story_begin();
    char text[200];
    snprintf(text, sizeof text,
             "{\"status\":503,\"kind\":\"overloaded\",\"trace_id\":\"%016" PRIx64 "%08x%08x\"}\n",
             random_mix(STORY_SEED), 1u, 1u);
    story_log(s, text);
    read_with(s, OUTCOME_FAILED, FAILURE_STATUS, 503);
    const parameter_value values[] = {{.number = 0, .text = "0s"}, {.text = fields}};
    return story_judge(s, "errors-logged", values)->answer;
}

Test(errors_logged, a_line_without_a_field_that_it_must_have_is_violated)
{
    cr_assert_eq(logged_with(""), ANSWER_HOLDS);
    cr_assert_eq(logged_with("status kind"), ANSWER_HOLDS);
    cr_assert_eq(logged_with("kind  duration_ms"), ANSWER_VIOLATED);
    cr_assert_eq(logged_with("ind"), ANSWER_VIOLATED);
}

Test(errors_logged, an_alarm_about_what_was_served_well_is_violated)
{
    cr_assert_eq(complained("error", OUTCOME_OK, false), ANSWER_VIOLATED);
    cr_assert_eq(complained("info", OUTCOME_OK, false), ANSWER_HOLDS);
    cr_assert_eq(complained("error", OUTCOME_FAILED, false), ANSWER_HOLDS);
    cr_assert_eq(complained("error", OUTCOME_OK, true), ANSWER_HOLDS);
}

Test(errors_logged, without_a_log_nothing_is_proven)
{
    story *s = story_begin();
    read_with(s, OUTCOME_FAILED, FAILURE_STATUS, 503);
    story_expect(s, "errors-logged", ANSWER_NOT_PROVEN);
}
