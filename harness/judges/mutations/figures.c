/* Mutations of answers, times, samples and events. */
#include "judges/mutations/tape.h"

#include "base/timing.h"

/* No fault excuses anything in such a run. */
static bool calm(const tape *t)
{
    return index_faults(t->index).count == 0;
}

static bool good_put(const tape *t, size_t at)
{
    return calm(t) && tape_has(t, at, OPERATION_PUT, OUTCOME_OK);
}

static bool good_get(const tape *t, size_t at)
{
    return calm(t) && tape_has(t, at, OPERATION_GET, OUTCOME_OK) &&
           !(t->records[at].flags & FLAG_FINAL);
}

static uint64_t when(const tape *t, event_type type)
{
    record_list events = index_events(t->index);
    for (size_t i = 0; i < events.count; i++)
        if (t->records[events.records[i]].type == type)
            return t->records[events.records[i]].invoke;
    return HISTORY_NEVER;
}

#define HANG (2 * NANOSECONDS_PER_SECOND)

/* It could have waited that long before the target was stopped. */
static bool early_get(const tape *t, size_t at)
{
    return good_get(t, at) && t->records[at].finish + HANG < when(t, EVENT_TARGET_EXIT);
}

static bool refused(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    return calm(t) && r->kind == RECORD_OPERATION && r->outcome == OUTCOME_FAILED &&
           r->failure == FAILURE_STATUS && r->type != OPERATION_HEAD &&
           r->type != OPERATION_UPLOAD_HEAD && r->type != OPERATION_GARBAGE;
}

static bool ready(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_READY, OUTCOME_OK);
}

static bool garbage(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_GARBAGE, OUTCOME_OK);
}

static history_record *pick(tape *t, random_stream *r, tape_fits fits)
{
    size_t at = tape_pick(t, r, fits);
    if (at == SIZE_MAX)
        return NULL;
    tape_name(t, &t->records[at]);
    return &t->records[at];
}

static bool fail_with(tape *t, random_stream *r, tape_fits fits, failure why, uint16_t status)
{
    history_record *one = pick(t, r, fits);
    if (one == NULL)
        return false;
    one->outcome = OUTCOME_FAILED;
    one->failure = (uint8_t)why;
    one->status = status;
    one->detail = tape_text(t, "made_up");
    return true;
}

static bool answered_500(tape *t, random_stream *r)
{
    return fail_with(t, r, good_put, FAILURE_STATUS, 500);
}

static bool refused_for_room(tape *t, random_stream *r)
{
    return fail_with(t, r, good_put, FAILURE_STATUS, 507);
}

static bool answered_nonsense(tape *t, random_stream *r)
{
    return fail_with(t, r, good_get, FAILURE_MALFORMED, 200);
}

static bool without_code(tape *t, random_stream *r)
{
    history_record *one = pick(t, r, refused);
    if (one != NULL)
        one->detail = 0;
    return one != NULL;
}

static bool without_trace(tape *t, random_stream *r)
{
    history_record *one = pick(t, r, refused);
    if (one != NULL)
        one->detail = tape_text(t, "made_up no-trace");
    return one != NULL;
}

static bool error_not_logged(tape *t, random_stream *r)
{
    return fail_with(t, r, good_get, FAILURE_STATUS, 418);
}

static bool logged_otherwise(tape *t, random_stream *r)
{
    history_record *one = pick(t, r, refused);
    if (one != NULL)
        one->status = 418;
    return one != NULL;
}

static bool operation_lost(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, good_put);
    if (at == SIZE_MAX)
        return false;
    tape_drop(t, at);
    return true;
}

static bool operation_doubled(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, good_get);
    if (at == SIZE_MAX)
        return false;
    history_record copy = t->records[at];
    copy.sequence = (uint32_t)t->count + 1;
    tape_insert(t, at, &copy);
    return true;
}

static bool garbage_taken(tape *t, random_stream *r)
{
    return fail_with(t, r, garbage, FAILURE_STATUS, 201);
}

static bool garbage_hangs(tape *t, random_stream *r)
{
    return fail_with(t, r, garbage, FAILURE_TIMEOUT, 0);
}

/* A second after the load's begin a bucket of a million that fills in a second is full. */
static bool late_get(const tape *t, size_t at)
{
    return good_get(t, at) &&
           t->records[at].invoke > when(t, EVENT_LOAD_BEGIN) + NANOSECONDS_PER_SECOND;
}

static bool refused_too_soon(tape *t, random_stream *r)
{
    t->unproven = true;
    return fail_with(t, r, late_get, FAILURE_STATUS, 429);
}

static bool health_lies(tape *t, random_stream *r)
{
    history_record *one = pick(t, r, ready);
    if (one != NULL)
        one->size = 1 - one->size;
    return one != NULL;
}

static bool hangs(tape *t, random_stream *r)
{
    history_record *one = pick(t, r, early_get);
    if (one != NULL)
        one->finish += HANG;
    return one != NULL;
}

/* Few operations of a type say nothing about its tail. */
static bool slow_tail(tape *t, random_stream *r)
{
    uint64_t gets = 0;
    for (size_t i = 0; i < t->count; i++)
        gets += good_get(t, i);
    return gets > 100 && hangs(t, r);
}

static bool without_retry(tape *t, random_stream *r)
{
    return fail_with(t, r, good_get, FAILURE_STATUS, 503);
}

/* The budget is what the run needed. */
static bool over_budget(tape *t, random_stream *r)
{
    uint64_t all = 0;
    uint64_t bad = 0;
    size_t at = tape_pick(t, r, good_put);
    for (size_t i = 0; i < t->count; i++) {
        const history_record *one = &t->records[i];
        bool counts = one->kind == RECORD_OPERATION && one->type != OPERATION_GARBAGE &&
                      one->type != OPERATION_READY && one->status != 412 &&
                      one->failure != FAILURE_ABANDONED && one->failure != FAILURE_INTERRUPTED;
        all += counts;
        bad += counts && one->outcome != OUTCOME_OK;
    }
    if (at == SIZE_MAX)
        return false;
    t->values[0].real = (double)bad / (double)all;
    t->records[at].outcome = OUTCOME_UNKNOWN;
    t->records[at].failure = FAILURE_RESET;
    return true;
}

/* --- samples and events --- */

typedef void (*spoil)(history_record *sample);

static bool spoil_samples(tape *t, spoil how)
{
    uint64_t end = when(t, EVENT_LOAD_END);
    bool any = false;
    for (size_t i = 0; i < t->count; i++) {
        history_record *r = &t->records[i];
        if (r->kind != RECORD_SAMPLE || r->invoke < end)
            continue;
        how(r);
        any = true;
    }
    return any;
}

static void more_descriptors(history_record *sample)
{
    sample->detail += 100;
}
static void more_threads(history_record *sample)
{
    sample->version += 100;
}
static void more_files(history_record *sample)
{
    sample->client += 1;
}
static void more_processes(history_record *sample)
{
    sample->sequence += 1;
}

static bool leaks_descriptors(tape *t, random_stream *r)
{
    (void)r;
    return spoil_samples(t, more_descriptors);
}

static bool leaks_threads(tape *t, random_stream *r)
{
    (void)r;
    return spoil_samples(t, more_threads);
}

static bool leaks_files(tape *t, random_stream *r)
{
    (void)r;
    return spoil_samples(t, more_files);
}

static bool leaks_processes(tape *t, random_stream *r)
{
    (void)r;
    return spoil_samples(t, more_processes);
}

static void more_bytes(history_record *sample)
{
    sample->expected += (uint64_t)1 << 40;
}

static bool leaks_bytes(tape *t, random_stream *r)
{
    (void)r;
    return spoil_samples(t, more_bytes);
}

static bool never_rests(tape *t, random_stream *r)
{
    (void)r;
    for (size_t i = 0; i < t->count; i++)
        if (t->records[i].kind == RECORD_SAMPLE)
            t->records[i].size += t->records[i].invoke / 1000;
    return true;
}

static bool leaks_memory(tape *t, random_stream *r)
{
    uint64_t more = 0;
    (void)r;
    for (size_t i = 0; i < t->count; i++)
        if (t->records[i].kind == RECORD_SAMPLE && t->records[i].value > 0)
            t->records[i].value += (more += (uint64_t)1 << 20);
    return more > 0;
}

static history_record *event(tape *t, event_type type)
{
    record_list events = index_events(t->index);
    for (size_t i = 0; i < events.count; i++)
        if (t->records[events.records[i]].type == type)
            return &t->records[events.records[i]];
    return NULL;
}

static bool leaks_watchers(tape *t, random_stream *r)
{
    (void)r;
    for (size_t i = 0; i < t->count; i++) {
        history_record *one = &t->records[i];
        if (one->kind == RECORD_EVENT && one->type == EVENT_COUNTED && one->expected == 0) {
            one->value += 100;
            return true;
        }
    }
    return false;
}

static bool never_steady(tape *t, random_stream *r)
{
    history_record *quiet = event(t, EVENT_QUIET);
    (void)r;
    if (quiet != NULL)
        quiet->type = EVENT_QUIET_FAILED;
    return quiet != NULL;
}

static bool ended_by_itself(tape *t, random_stream *r)
{
    history_record *end = event(t, EVENT_TARGET_EXIT);
    (void)r;
    if (end != NULL)
        end->status = 0;
    return end != NULL;
}

static bool stopped_badly(tape *t, random_stream *r)
{
    history_record *end = event(t, EVENT_TARGET_EXIT);
    (void)r;
    if (end != NULL)
        end->value = 1 << 8;
    return end != NULL;
}

static const mutation rows[] = {
    {"error-honesty", "an answer is 500", NULL, answered_500},
    {"full-disk", "a write is refused for room while there is some", NULL, refused_for_room},
    {"error-honesty", "an answer breaks the protocol", NULL, answered_nonsense},
    {"error-honesty", "a refusal has no code", NULL, without_code},
    {"error-honesty", "a refusal has no trace id", NULL, without_trace},
    {"errors-logged", "an error is not in the log", NULL, error_not_logged},
    {"errors-logged", "an error is in the log with another status", NULL, logged_otherwise},
    {"counts-agree", "an answer was counted that nobody got", NULL, operation_lost},
    {"counts-agree", "an answer was not counted", NULL, operation_doubled},
    {"garbage-refused", "garbage is taken", NULL, garbage_taken},
    {"garbage-refused", "garbage hangs", NULL, garbage_hangs},
    {"health-truth", "the target calls itself not ready", "least=10 around=250ms", health_lies},
    {"latency", "an operation takes two seconds", "most=1900ms percentile=100", slow_tail},
    {"lock-wait", "an operation hangs", "longest=1900ms grace=0s", hangs},
    {"lock-wait", "a 503 does not say when to retry", NULL, without_retry},
    {"rate-kept", "one is refused who is alone", "rate=1000000 burst=1000000", refused_too_soon},
    {"error-budget", "one more operation goes wrong", NULL, over_budget},
    {"no-leaked-sessions", "descriptors stay open", NULL, leaks_descriptors},
    {"no-leaked-sessions", "threads stay", NULL, leaks_threads},
    {"no-leaked-sessions", "temporary files stay", NULL, leaks_files},
    {"no-leaked-sessions", "processes stay", NULL, leaks_processes},
    {"no-leaked-sessions", "watchers stay", NULL, leaks_watchers},
    {"disk-bounded", "bytes stay on the disk", NULL, leaks_bytes},
    {"comes-to-rest", "it works with nobody there", NULL, never_rests},
    {"bounded-memory", "memory grows", NULL, leaks_memory},
    {"recovery", "the target never becomes steady", NULL, never_steady},
    {"process-hygiene", "the target ends by itself", NULL, ended_by_itself},
    {"process-hygiene", "the target does not stop cleanly", NULL, stopped_badly},
};
const mutation_table figure_mutations = {rows, sizeof rows / sizeof rows[0]};
