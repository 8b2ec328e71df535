/* Judges of figures and answers: memory, leaks, budget, latency, waits, honesty, health. */
#include <criterion/criterion.h>

#include "story.h"

#define MIB(number) ((uint64_t)(number) << 20)

static void made(story *s, history_record r, uint64_t from, uint64_t to)
{
    r.type = r.type != 0 ? r.type : OPERATION_GET;
    r.key = story_name(s, "k");
    r.invoke = MS(from);
    r.finish = MS(to);
    if (r.outcome == OUTCOME_OK && r.type == OPERATION_GET)
        r.flags |= FLAG_ABSENT;
    story_operation(s, r, NULL, 0);
}

static void refused(story *s, uint16_t status, uint8_t flags, const char *code, uint64_t from)
{
    made(s,
         (history_record){.outcome = OUTCOME_FAILED,
                          .failure = FAILURE_STATUS,
                          .status = status,
                          .flags = flags,
                          .detail = story_name(s, code)},
         from, from + 1);
}

Test(error_budget, more_failures_than_the_share_are_violated_but_refused_conditions_are_free)
{
    static const struct {
        uint16_t status;
        uint64_t failures;
        judge_answer wanted;
    } cases[] = {{500, 1, ANSWER_HOLDS}, {500, 3, ANSWER_VIOLATED}, {412, 50, ANSWER_HOLDS}};
    for (size_t i = 0; i < 3; i++) {
        story *s = story_begin();
        for (uint64_t n = 0; n < 100; n++)
            made(s, (history_record){0}, n, n + 1);
        for (uint64_t n = 0; n < cases[i].failures; n++)
            refused(s, cases[i].status, 0, "x", n);
        story_expect(s, "error-budget", cases[i].wanted);
    }
}

/* 10 a second, 5 at once: the bucket fills in half a second. */
static void limited(uint64_t served, uint64_t every, uint64_t refused_at, judge_answer wanted)
{
    story *s = story_begin();
    const parameter_value values[] = {{.number = 10}, {.number = 5}};
    story_event(s, EVENT_LOAD_BEGIN, 1);
    for (uint64_t n = 0; n < served; n++)
        made(s, (history_record){.status = 200}, 2 + n * every, 3 + n * every);
    if (refused_at > 0)
        refused(s, 429, FLAG_RETRYABLE, "rate_limited", refused_at);
    cr_assert_eq(story_judge(s, "rate-kept", values)->answer, wanted, "%lu every %lu ms",
                 (unsigned long)served, (unsigned long)every);
}

Test(rate_kept, what_the_bucket_holds_is_served_and_no_more)
{
    limited(5, 1, 300, ANSWER_HOLDS);
    limited(6, 1, 300, ANSWER_HOLDS);
    limited(7, 1, 300, ANSWER_VIOLATED);
    limited(100, 100, 10100, ANSWER_HOLDS);
    limited(100, 80, 8100, ANSWER_VIOLATED);
    limited(5, 1, 0, ANSWER_NOT_PROVEN);
}

Test(rate_kept, who_had_no_burst_beside_him_may_not_be_refused)
{
    limited(4, 1, 502, ANSWER_HOLDS);
    limited(3, 1, 502, ANSWER_VIOLATED);
    limited(5, 1, 900, ANSWER_VIOLATED);
    limited(1, 1, 300, ANSWER_HOLDS);
}

Test(latency, a_slow_tail_is_violated_and_few_samples_prove_nothing)
{
    static const struct {
        uint64_t count;
        uint64_t slow;
        judge_answer wanted;
    } cases[] = {{200, 0, ANSWER_HOLDS},
                 {200, 1, ANSWER_HOLDS},
                 {200, 5, ANSWER_VIOLATED},
                 {50, 5, ANSWER_NOT_PROVEN}};
    for (size_t i = 0; i < 4; i++) {
        story *s = story_begin();
        for (uint64_t n = 0; n < cases[i].count; n++)
            made(s, (history_record){0}, n, n + (n < cases[i].slow ? 900 : 10));
        parameter_value values[] = {{.number = MS(100)}, {.real = 99}, {.text = "all"}};
        cr_assert(story_judge(s, "latency", values)->answer == cases[i].wanted, "case %zu", i);
    }
}

Test(lock_wait, while_something_is_broken_only_what_it_holds_may_wait_beyond_the_bound)
{
    const parameter_value values[] = {
        {.number = MS(5000)}, {.number = MS(0)}, {.number = MS(100)}, {.number = 1}};
    for (int waiting = 1; waiting <= 2; waiting++) {
        story *s = story_begin();
        story_event(s, EVENT_TARGET_EXIT, 10);
        for (int i = 0; i < waiting; i++)
            story_put(s, "k", 20, 220);
        story_put(s, "k", 20, 90);
        cr_assert_eq(story_judge(s, "lock-wait", values)->answer,
                     waiting == 1 ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}

Test(lock_wait, a_503_without_retry_after_and_a_hang_are_violated)
{
    story *s = story_begin();
    refused(s, 503, FLAG_RETRYABLE, "busy", 1);
    story_expect(s, "lock-wait", ANSWER_HOLDS);
    s = story_begin();
    refused(s, 503, 0, "busy", 1);
    story_expect(s, "lock-wait", ANSWER_VIOLATED);
    s = story_begin();
    made(s, (history_record){0}, 1, 7000);
    story_expect(s, "lock-wait", ANSWER_VIOLATED);
    s = story_begin();
    made(s, (history_record){0}, 1, 7000);
    story_event(s, EVENT_TARGET_EXIT, 3000);
    story_event(s, EVENT_TARGET_START, 3100);
    story_event(s, EVENT_TARGET_READY, 3200);
    story_expect(s, "lock-wait", ANSWER_HOLDS);
}

Test(error_honesty, refusals_without_code_or_trace_and_plain_500_are_violated)
{
    static const struct {
        uint16_t status;
        const char *code;
        judge_answer wanted;
    } cases[] = {{404, "no_such_version", ANSWER_HOLDS},
                 {404, "", ANSWER_VIOLATED},
                 {404, "no_such_version no-trace", ANSWER_VIOLATED},
                 {500, "internal", ANSWER_VIOLATED},
                 {503, "busy", ANSWER_HOLDS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        story *s = story_begin();
        refused(s, cases[i].status, 0, cases[i].code, 1);
        story_expect(s, "error-honesty", cases[i].wanted);
    }
}

Test(error_honesty, an_answer_without_a_body_need_not_carry_code_or_trace)
{
    story *s = story_begin();
    made(s,
         (history_record){.type = OPERATION_HEAD,
                          .outcome = OUTCOME_FAILED,
                          .failure = FAILURE_STATUS,
                          .status = 404,
                          .detail = story_name(s, " no-trace")},
         1, 2);
    story_expect(s, "error-honesty", ANSWER_HOLDS);
}

static judge_answer promised(bool in_fault, bool deleted, bool absent)
{
    story *s = story_begin();
    story_fault(s, 10, 20);
    story_put(s, "k", in_fault ? 12 : 5000, in_fault ? 13 : 5001);
    if (deleted)
        story_delete_as(s, "k", 15, 16, OUTCOME_UNKNOWN);
    story_do(s, OPERATION_GET, "k",
             (history_record){.flags = (uint8_t)(FLAG_FINAL | (absent ? FLAG_ABSENT : 0))}, 6000,
             6001);
    return story_judge(s, "error-honesty", NULL)->answer;
}

Test(error_honesty, what_was_called_done_during_a_fault_must_be_there_at_the_end)
{
    cr_assert_eq(promised(true, false, true), ANSWER_VIOLATED);
    cr_assert_eq(promised(true, false, false), ANSWER_HOLDS);
    cr_assert_eq(promised(true, true, true), ANSWER_HOLDS);
    cr_assert_eq(promised(false, false, true), ANSWER_HOLDS);
}

Test(health_truth, ready_while_nothing_is_served_and_not_ready_while_all_is_are_violated)
{
    for (int ready = 0; ready < 2; ready++) {
        for (uint64_t served = 0; served <= 20; served += 10) {
            story *s = story_begin();
            for (uint64_t n = 0; n < 20; n++) {
                if (n < served)
                    made(s, (history_record){0}, 100 + n, 101 + n);
                else
                    refused(s, 500, 0, "x", 100 + n);
            }
            made(s, (history_record){.type = OPERATION_READY, .size = (uint64_t)ready}, 110, 111);
            bool lie = ready ? served == 0 : served == 20;
            story_expect(s, "health-truth", lie ? ANSWER_VIOLATED : ANSWER_HOLDS);
        }
    }
}

static void sample(story *s, uint64_t at, uint64_t bytes, uint32_t descriptors, uint32_t files)
{
    story_sample(s, (history_record){.invoke = MS(at),
                                     .value = bytes,
                                     .version = 4,
                                     .detail = descriptors,
                                     .client = files,
                                     .sequence = 1});
}

static void leaking(uint32_t descriptors, uint32_t files, judge_answer wanted)
{
    story *s = story_begin();
    sample(s, 1, 1000, 10, 0);
    story_event(s, EVENT_LOAD_BEGIN, 2);
    sample(s, 3, 1000, 200, 9);
    story_event(s, EVENT_LOAD_END, 4);
    sample(s, 5, 1000, 200, 9);
    sample(s, 6, 1000, descriptors, files);
    story_expect(s, "no-leaked-sessions", wanted);
}

Test(no_leaked_sessions, what_stays_open_after_the_load_is_violated)
{
    leaking(11, 0, ANSWER_HOLDS);
    leaking(100, 0, ANSWER_VIOLATED);
    leaking(11, 1, ANSWER_VIOLATED);
}

Test(no_leaked_sessions, memory_that_stays_is_violated_when_a_slack_is_stated)
{
    static const struct {
        uint64_t slack;
        judge_answer wanted;
    } cases[] = {{0, ANSWER_HOLDS}, {500, ANSWER_HOLDS}, {499, ANSWER_VIOLATED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        story *s = story_begin();
        sample(s, 1, 1000, 10, 0);
        story_event(s, EVENT_LOAD_BEGIN, 2);
        story_event(s, EVENT_LOAD_END, 4);
        sample(s, 6, 1500, 10, 0);
        const parameter_value values[] = {{.number = 0}, {.number = 0}, {.number = 0},
                                          {.number = 0}, {.number = 0}, {.number = cases[i].slack}};
        cr_assert_eq(story_judge(s, "no-leaked-sessions", values)->answer, cases[i].wanted);
    }
}

Test(no_leaked_sessions, watchers_that_the_target_still_counts_are_violated)
{
    for (uint64_t left = 0; left <= 40; left += 40) {
        story *s = story_begin();
        sample(s, 1, 1000, 10, 0);
        story_event(s, EVENT_LOAD_BEGIN, 2);
        story_event(s, EVENT_LOAD_END, 4);
        sample(s, 6, 1000, 10, 0);
        story_count(s, 0, 0, left);
        story_expect(s, "no-leaked-sessions", left > 0 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

typedef struct {
    bool acknowledged;
    bool refused;
    bool there; /* at the end */
    bool deleted;
    bool cleaned;
    uint64_t mebibytes; /* on the disk at the end; 8 are allowed besides */
    judge_answer wanted;
} stored;

/* One write of 10 MiB, and what became of it. */
static void storing(const stored *what)
{
    story *s = story_begin();
    history_record put = {.size = MIB(10)};
    if (what->refused)
        put.outcome = OUTCOME_FAILED;
    else if (!what->acknowledged)
        put.outcome = OUTCOME_UNKNOWN;
    story_sample(s, (history_record){.invoke = MS(1), .sequence = 1, .expected = MIB(100)});
    story_event(s, EVENT_LOAD_BEGIN, 2);
    uint64_t value = story_do(s, OPERATION_PUT, "k", put, 3, 4);
    if (what->deleted)
        story_delete(s, "k", 5, 6);
    if (what->cleaned)
        story_do(s, OPERATION_CLEANUP, "", (history_record){0}, 7, 8);
    story_event(s, EVENT_LOAD_END, 9);
    story_do(s, OPERATION_GET, "k",
             (history_record){.value = what->there ? value : 0,
                              .flags = (uint8_t)(FLAG_FINAL | (what->there ? 0 : FLAG_ABSENT))},
             10, 11);
    story_sample(s, (history_record){
                        .invoke = MS(12), .sequence = 1, .expected = MIB(100 + what->mebibytes)});
    story_expect(s, "disk-bounded", what->wanted);
}

Test(disk_bounded, bytes_that_nobody_can_reach_are_violated)
{
    static const stored cases[] = {
        {.acknowledged = true, .there = true, .mebibytes = 18, .wanted = ANSWER_HOLDS},
        {.acknowledged = true, .there = true, .mebibytes = 19, .wanted = ANSWER_VIOLATED},
        {.refused = true, .mebibytes = 8, .wanted = ANSWER_HOLDS},
        {.refused = true, .mebibytes = 9, .wanted = ANSWER_VIOLATED},
        {.there = true, .mebibytes = 18, .wanted = ANSWER_HOLDS},
        {.mebibytes = 10, .wanted = ANSWER_VIOLATED},
        {.deleted = true, .mebibytes = 18, .wanted = ANSWER_HOLDS},
        {.acknowledged = true, .deleted = true, .mebibytes = 18, .wanted = ANSWER_HOLDS},
        {.acknowledged = true,
         .deleted = true,
         .cleaned = true,
         .mebibytes = 9,
         .wanted = ANSWER_VIOLATED},
        {.acknowledged = true,
         .deleted = true,
         .cleaned = true,
         .mebibytes = 8,
         .wanted = ANSWER_HOLDS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        storing(&cases[i]);
}

/* Samples every half second, each with so much of a processor used since the one before. */
static void resting(uint64_t busy_ms, uint64_t last_busy_ms, judge_answer wanted)
{
    story *s = story_begin();
    uint64_t used = 0;
    story_event(s, EVENT_LOAD_BEGIN, 1);
    story_event(s, EVENT_LOAD_END, 1000);
    for (uint64_t i = 1; i <= 8; i++) {
        used += MS(i < 6 ? busy_ms : last_busy_ms) / 1000;
        story_sample(
            s, (history_record){
                   .invoke = MS(i * 500), .finish = MS(i * 500), .sequence = 1, .size = used});
    }
    story_expect(s, "comes-to-rest", wanted);
}

Test(comes_to_rest, who_works_with_nobody_there_is_violated_and_who_rests_a_second_is_not)
{
    resting(490, 490, ANSWER_VIOLATED);
    resting(110, 110, ANSWER_VIOLATED);
    resting(90, 90, ANSWER_HOLDS);
    resting(490, 1, ANSWER_HOLDS);
}

Test(comes_to_rest, without_a_second_of_samples_after_the_load_nothing_is_proven)
{
    story *s = story_begin();
    story_event(s, EVENT_LOAD_END, 4);
    for (uint64_t i = 1; i <= 2; i++)
        story_sample(s, (history_record){.invoke = MS(i * 500), .sequence = 1});
    story_expect(s, "comes-to-rest", ANSWER_NOT_PROVEN);
}

static uint64_t steady_leak(uint64_t i)
{
    return 50 + i;
}
static uint64_t filling_cache(uint64_t i)
{
    return i < 50 ? 50 + i : 100;
}
static uint64_t balloons(uint64_t i)
{
    return 50 + i % 10 * 20;
}
static uint64_t slow_leak_below_the_floor(uint64_t i)
{
    return 50 + i / 30;
}

Test(bounded_memory, a_lasting_rise_is_violated_and_balloons_and_caches_are_not)
{
    static const struct {
        uint64_t (*mebibytes)(uint64_t i);
        judge_answer wanted;
    } cases[] = {{steady_leak, ANSWER_VIOLATED},
                 {filling_cache, ANSWER_HOLDS},
                 {balloons, ANSWER_HOLDS},
                 {slow_leak_below_the_floor, ANSWER_HOLDS}};
    for (size_t c = 0; c < 4; c++) {
        story *s = story_begin();
        for (uint64_t i = 0; i < 120; i++)
            sample(s, i * 1000, cases[c].mebibytes(i) << 20, 10, 0);
        story_expect(s, "bounded-memory", cases[c].wanted);
    }
}

/* As a garbage-collected server has it: it grows under load and falls back when it is idle. */
static judge_answer ballooning(uint64_t idle_mebibytes)
{
    story *s = story_begin();
    story_event(s, EVENT_LOAD_BEGIN, 0);
    for (uint64_t i = 0; i < 110; i++)
        sample(s, i * 1000, (50 + 4 * i) << 20, 10, 0);
    story_event(s, EVENT_LOAD_END, 110000);
    for (uint64_t i = 110; i < 120; i++)
        sample(s, i * 1000, idle_mebibytes << 20, 10, 0);
    return story_judge(s, "bounded-memory", NULL)->answer;
}

Test(bounded_memory, what_falls_back_when_idle_is_no_leak_and_what_stays_is)
{
    cr_assert_eq(ballooning(60), ANSWER_HOLDS);
    cr_assert_eq(ballooning(180), ANSWER_HOLDS);
    cr_assert_eq(ballooning(480), ANSWER_VIOLATED);
}

static judge_answer per_client(uint64_t mebibytes, uint64_t allowed)
{
    parameter_value values[8] = {
        {.number = 8 << 20}, {.number = MS(20000)}, {.number = 0}, {.number = allowed}};
    story *s = story_begin();
    for (uint64_t i = 0; i < 10; i++)
        sample(s, i * 1000, 50 << 20, 10, 0);
    story_event(s, EVENT_LOAD_BEGIN, 10000);
    for (uint32_t who = 1; who <= 10; who++)
        story_do(s, OPERATION_PUT, "k", (history_record){.client = who}, 11000, 12000);
    for (uint64_t i = 11; i < 120; i++)
        sample(s, i * 1000, mebibytes << 20, 10, 0);
    return story_judge(s, "bounded-memory", values)->answer;
}

Test(bounded_memory, each_client_may_take_what_is_stated_and_no_more)
{
    cr_assert_eq(per_client(59, 1 << 20), ANSWER_HOLDS);
    cr_assert_eq(per_client(61, 1 << 20), ANSWER_VIOLATED);
    cr_assert_eq(per_client(61, 0), ANSWER_HOLDS);
}

Test(bounded_memory, a_short_run_proves_nothing)
{
    story *s = story_begin();
    for (uint64_t i = 0; i < 10; i++)
        sample(s, i * 1000, (50 + i) << 20, 10, 0);
    story_expect(s, "bounded-memory", ANSWER_NOT_PROVEN);
}
