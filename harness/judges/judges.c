#include "judges/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

/* One row an invariant. */
extern const judge judge_read_integrity;
extern const judge judge_durability;
extern const judge judge_linearizable;
extern const judge judge_no_phantom;
extern const judge judge_cas_exclusive;
extern const judge judge_version_order;
extern const judge judge_atomic_move;
extern const judge judge_channel_bounded;
extern const judge judge_list_agrees;
extern const judge judge_no_partial_create;
extern const judge judge_quota_exact;
extern const judge judge_recovered_writes;
extern const judge judge_share_exact;
extern const judge judge_size_limit;
extern const judge judge_rate_kept;
extern const judge judge_upload_visibility;
extern const judge judge_watch_exact;
extern const judge judge_bounded_memory;
extern const judge judge_error_budget;
extern const judge judge_error_honesty;
extern const judge judge_errors_logged;
extern const judge judge_counts_agree;
extern const judge judge_full_disk;
extern const judge judge_garbage_refused;
extern const judge judge_health_truth;
extern const judge judge_latency;
extern const judge judge_lock_wait;
extern const judge judge_no_leaked_sessions;
extern const judge judge_comes_to_rest;
extern const judge judge_disk_bounded;
extern const judge judge_recovery;
extern const judge judge_process_hygiene;

/* clang-format off */
const judge *const judges[] = {
    &judge_read_integrity,
    &judge_durability,
    &judge_linearizable,
    &judge_no_phantom,
    &judge_cas_exclusive,
    &judge_version_order,
    &judge_atomic_move,
    &judge_channel_bounded,
    &judge_list_agrees,
    &judge_no_partial_create,
    &judge_quota_exact,
    &judge_recovered_writes,
    &judge_share_exact,
    &judge_size_limit,
    &judge_rate_kept,
    &judge_upload_visibility,
    &judge_watch_exact,
    &judge_bounded_memory,
    &judge_error_budget,
    &judge_error_honesty,
    &judge_errors_logged,
    &judge_counts_agree,
    &judge_full_disk,
    &judge_garbage_refused,
    &judge_health_truth,
    &judge_latency,
    &judge_lock_wait,
    &judge_no_leaked_sessions,
    &judge_comes_to_rest,
    &judge_disk_bounded,
    &judge_recovery,
    &judge_process_hygiene,
};
/* clang-format on */
const size_t judge_count = sizeof judges / sizeof judges[0];

const judge *judge_named(const char *name)
{
    for (size_t i = 0; i < judge_count; i++)
        if (strcmp(judges[i]->name, name) == 0)
            return judges[i];
    return NULL;
}

/* Names of files may hold anything; what a person reads does not. */
__attribute__((format(printf, 3, 0))) static void say(char *text, size_t size, const char *format,
                                                      va_list values)
{
    vsnprintf(text, size, format, values);
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 32 || *at == 127)
            *at = '?';
}

#define SAY(text, size, format)                                                                    \
    do {                                                                                           \
        va_list values;                                                                            \
        va_start(values, format);                                                                  \
        say(text, size, format, values);                                                           \
        va_end(values);                                                                            \
    } while (0)

void finding_hold(judge_finding *out, const char *format, ...)
{
    CHECK(out->violations == 0);
    out->answer = ANSWER_HOLDS;
    SAY(out->sentence, sizeof out->sentence, format);
}

void finding_doubt(judge_finding *out, const char *format, ...)
{
    CHECK(out->violations == 0);
    out->answer = ANSWER_NOT_PROVEN;
    SAY(out->sentence, sizeof out->sentence, format);
}

bool finding_violate(judge_finding *out, uint64_t seen_at, const char *format, ...)
{
    out->answer = ANSWER_VIOLATED;
    if (out->violations++ > 0 && seen_at >= out->first_at)
        return false;
    out->first_at = seen_at;
    out->step_count = 0;
    SAY(out->sentence, sizeof out->sentence, format);
    return true;
}

void finding_step(judge_finding *out, uint64_t at, size_t record, const char *format, ...)
{
    size_t place = out->step_count;
    if (out->step_count == EVIDENCE_MOST)
        return;
    for (; place > 0 && out->steps[place - 1].at > at; place--)
        out->steps[place] = out->steps[place - 1];
    out->steps[place].at = at;
    out->steps[place].record = record;
    SAY(out->steps[place].line, EVIDENCE_LINE_SIZE, format);
    out->step_count++;
}
