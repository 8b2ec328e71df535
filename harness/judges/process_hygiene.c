/* process-hygiene: the target ends only when somebody ended it, and stops cleanly when asked.
 *
 * Exits that a fault announced are planned. A target known by its URL shows no exits: not proven is
 * not said for it, because nothing was claimed; the finding tells that there was nothing to see. */
#include <inttypes.h>
#include <sys/wait.h>

#include "base/timing.h"
#include "base/units.h"
#include "judges/evidence.h"

/* Between a target's end and our seeing it. */
#define SHORTLY (200 * NANOSECONDS_PER_MILLISECOND)

/* Its exit alone does not tell: a kill that a fault makes, and one for want of patience, are both
 * planned. */
static void judge_stop(const judge_input *in, judge_finding *out, size_t record,
                       const history_record *r)
{
    char when[32];
    if (finding_violate(out, r->invoke,
                        "when the run ended, at %s, the target did not stop: %.200s",
                        units_show_duration(r->invoke, when), history_text(in->history, r->detail)))
        evidence_show(in, out, record);
}

/* What clients that send garbage had sent shortly before: one of it may have ended the target. A
 * client tells it once it finds nobody to connect to. */
static void show_sent_before(const judge_input *in, judge_finding *out, uint64_t end)
{
    record_list list = index_of_type(in->index, OPERATION_GARBAGE);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        part_range parts = index_parts(in->index, list.records[i]);
        if (r.failure != FAILURE_CONNECT || parts.count == 0)
            continue;
        history_record sent = history_get(in->history, parts.first + parts.count - 1);
        if (sent.type == PART_SENT && sent.invoke <= end && sent.finish + SHORTLY >= end)
            evidence_show_sent(in, out, list.records[i]);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list events = index_events(in->index);
    uint64_t starts = 0;
    char when[32];
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        starts += r.type == EVENT_TARGET_START;
        if (r.type == EVENT_STOP_FAILED)
            judge_stop(in, out, events.records[i], &r);
        if (r.type != EVENT_TARGET_EXIT)
            continue;
        out->examined++;
        int status = (int)r.value;
        bool planned = r.status == 1;
        if (planned && !(WIFSIGNALED(status) && WTERMSIG(status) != 9 && WTERMSIG(status) != 15) &&
            !(WIFEXITED(status) && WEXITSTATUS(status) != 0))
            continue;
        if (finding_violate(out, r.invoke, "the target %s at %s: %.200s",
                            planned ? "ended badly when it was stopped" : "ended by itself",
                            units_show_duration(r.invoke, when),
                            history_text(in->history, r.detail))) {
            evidence_show(in, out, events.records[i]);
            show_sent_before(in, out, r.invoke);
        }
    }
    if (out->violations == 0)
        finding_hold(out, "%" PRIu64 " starts and %" PRIu64 " exits, every exit planned and clean",
                     starts, out->examined);
}

const judge judge_process_hygiene = {
    .name = "process-hygiene",
    .definition = "The target never ends unless a fault or the harness ended it, and stops on "
                  "SIGTERM with code 0, in its time. Always on.",
    .needs = "a target that ordeal started",
    .examine = examine,
};
