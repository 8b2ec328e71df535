/* no-leaked-sessions: after the load, descriptors, threads, processes and temporary files come back
 * to what they were before it, memory too if that is asked for, and the target itself counts next
 * to no watchers, buckets and the like.
 *
 * The least of the samples before the load is compared with the least of those after the load and
 * its grace (what lives until a time-out may live as long). Slacks allow for what a target opens
 * once and keeps, such as pools. */
#include <inttypes.h>

#include "judges/evidence.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "0s", "after the load, for what may live until a time-out", NULL},
    {"descriptors", PARAMETER_WHOLE, "16", "more open descriptors than before are allowed", NULL},
    {"threads", PARAMETER_WHOLE, "16", "more threads than before are allowed", NULL},
    {"files", PARAMETER_WHOLE, "0", "more temporary files than before are allowed", NULL},
    {"living", PARAMETER_WHOLE, "16", "of each thing that the target counts as live may be left",
     NULL},
    {"memory", PARAMETER_SIZE, "0", "more resident memory than before is allowed; 0: any", NULL},
};
enum { GRACE, DESCRIPTORS, THREADS, FILES, LIVING, MEMORY };

typedef struct {
    uint64_t descriptors;
    uint64_t threads;
    uint64_t files;
    uint64_t processes;
    uint64_t memory;
    uint64_t samples;
    size_t last;
} level;

static void lower(uint64_t *least, uint64_t now, bool first)
{
    if (first || now < *least)
        *least = now;
}

static void take_sample(level *l, const history_record *r, size_t record)
{
    bool first = l->samples == 0;
    lower(&l->descriptors, r->detail, first);
    lower(&l->threads, r->version, first);
    lower(&l->files, r->client, first);
    lower(&l->processes, r->sequence, first);
    lower(&l->memory, r->value, first);
    l->samples++;
    l->last = record;
}

static void compare(const judge_input *in, judge_finding *out, const level *after, const char *what,
                    uint64_t now, uint64_t before, uint64_t slack)
{
    out->examined++;
    if (now <= before + slack)
        return;
    history_record r = history_get(in->history, after->last);
    if (!finding_violate(out, r.invoke,
                         "%" PRIu64 " %s after the load, %" PRIu64 " before it (%" PRIu64
                         " more are allowed)",
                         now, what, before, slack))
        return;
    evidence_show(in, out, after->last);
    finding_step(out, HISTORY_NEVER, EVIDENCE_NO_RECORD,
                 "never fewer than %" PRIu64 " %s in %" PRIu64 " samples since the load", now, what,
                 after->samples);
}

/* What the target itself counts when everybody has gone. */
static void judge_living(const judge_input *in, judge_finding *out)
{
    record_list events = index_events(in->index);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type != EVENT_COUNTED || r.expected != 0)
            continue;
        out->examined++;
        const char *what = history_text(in->history, r.detail);
        if (r.value <= in->values[LIVING].number ||
            !finding_violate(out, r.invoke,
                             "the target counts %" PRIu64
                             " %.80s after everybody has gone (%" PRIu64 " are allowed)",
                             r.value, what, in->values[LIVING].number))
            continue;
        finding_step(out, r.invoke, events.records[i],
                     "%.4f s  the target counts %" PRIu64 " %.80s", evidence_seconds(r.invoke),
                     r.value, what);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t begin = index_event_at(in->index, EVENT_LOAD_BEGIN);
    uint64_t end = index_event_at(in->index, EVENT_LOAD_END);
    level before = {0};
    level after = {0};
    record_list samples = index_samples(in->index);
    for (size_t i = 0; i < samples.count; i++) {
        history_record r = history_get(in->history, samples.records[i]);
        if (r.sequence == 0)
            continue; /* the target was down */
        if (r.invoke <= begin)
            take_sample(&before, &r, samples.records[i]);
        else if (end != HISTORY_NEVER && r.invoke >= end + in->values[GRACE].number)
            take_sample(&after, &r, samples.records[i]);
    }
    if (begin == HISTORY_NEVER || before.samples == 0 || after.samples == 0) {
        finding_doubt(out,
                      "%" PRIu64 " samples before the load and %" PRIu64 " after it and its grace",
                      begin == HISTORY_NEVER ? 0 : before.samples, after.samples);
        return;
    }
    compare(in, out, &after, "open descriptors", after.descriptors, before.descriptors,
            in->values[DESCRIPTORS].number);
    compare(in, out, &after, "threads", after.threads, before.threads, in->values[THREADS].number);
    compare(in, out, &after, "temporary files", after.files, before.files,
            in->values[FILES].number);
    compare(in, out, &after, "processes", after.processes, before.processes, 0);
    if (in->values[MEMORY].number > 0)
        compare(in, out, &after, "bytes of resident memory", after.memory, before.memory,
                in->values[MEMORY].number);
    judge_living(in, out);
    if (out->violations == 0)
        finding_hold(out,
                     "back to %" PRIu64 " descriptors, %" PRIu64 " threads and %" PRIu64
                     " temporary files after the load",
                     after.descriptors, after.threads, after.files);
}

const judge judge_no_leaked_sessions = {
    .name = "no-leaked-sessions",
    .definition =
        "After the load and its grace, open descriptors, threads, processes and temporary files "
        "(and resident memory, if asked for) are back to what they were before, and what the "
        "target itself counts as live (watchers, "
        "token buckets) is gone, but for the stated slack.",
    .needs = "resource samples before the load and after it",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
