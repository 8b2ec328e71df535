/* disk-bounded: what is in nobody's reach takes no room on the disk.
 *
 * The least that the data directory held after the load and its grace is compared with the least
 * before it and what may have been stored since: each version whose write was acknowledged or is
 * unknown, rounded up to blocks, and some bytes each for what is kept about it. Of a name that is
 * not there at the end an unknown write counts only when something may have removed it; and once
 * everything about it was cleaned up, nothing of it counts. Refused writes never do. */
#include <inttypes.h>

#include "base/units.h"
#include "judges/changes.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "0s", "after the load, for what may live until a time-out", NULL},
    {"slack", PARAMETER_SIZE, "8MiB", "for all that is no file: journals, indexes, samples", NULL},
    {"each", PARAMETER_SIZE, "8KiB", "for what is kept about one version", NULL},
};
enum { GRACE, SLACK, EACH };

#define BLOCK ((uint64_t)4096)

typedef struct {
    uint64_t before;
    uint64_t after;
    size_t last;
    bool proven[2];
} levels;

static uint64_t last_clean_up(const judge_input *in)
{
    uint64_t last = 0;
    record_list list = index_of_type(in->index, OPERATION_CLEANUP);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        last = r.outcome == OUTCOME_OK && r.invoke > last ? r.invoke : last;
    }
    return last;
}

static bool is_gone_at_end(const judge_input *in, uint32_t key)
{
    record_list list = index_of_key(in->index, key);
    for (size_t i = list.count; i-- > 0;) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type == OPERATION_GET && (r.flags & FLAG_FINAL) && r.outcome == OUTCOME_OK)
            return (r.flags & FLAG_ABSENT) != 0;
    }
    return false;
}

static bool was_cleaned_up(const change_list *changes, uint64_t clean_up)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->all[i].moved || changes->all[i].invoke >= clean_up ||
            (changes->all[i].finish != HISTORY_NEVER && changes->all[i].finish >= clean_up))
            return false;
    return true;
}

/* The most that the versions of one name may take. */
static uint64_t room_of(const judge_input *in, uint32_t key, uint64_t clean_up)
{
    uint64_t room = 0;
    change_list changes = changes_of_name(in, key);
    bool gone = is_gone_at_end(in, key);
    bool cleaned = gone && was_cleaned_up(&changes, clean_up);
    for (size_t i = 0; i < changes.count && !cleaned; i++) {
        const change *c = &changes.all[i];
        bool never = gone && c->finish == HISTORY_NEVER && changes.removal_count == 0;
        if (c->moved || c->removes || c->carries || never)
            continue;
        uint64_t size = history_get(in->history, c->origin).size;
        room += (size + BLOCK - 1) / BLOCK * BLOCK + in->values[EACH].number;
    }
    changes_free(&changes);
    return room;
}

static levels levels_of(const judge_input *in)
{
    levels l = {0};
    uint64_t begin = index_event_at(in->index, EVENT_LOAD_BEGIN);
    uint64_t end = index_event_at(in->index, EVENT_LOAD_END);
    record_list samples = index_samples(in->index);
    for (size_t i = 0; i < samples.count; i++) {
        history_record r = history_get(in->history, samples.records[i]);
        if (r.invoke <= begin && begin != HISTORY_NEVER) {
            l.before = l.proven[0] && l.before < r.expected ? l.before : r.expected;
            l.proven[0] = true;
        } else if (end != HISTORY_NEVER && r.invoke >= end + in->values[GRACE].number) {
            l.after = l.proven[1] && l.after < r.expected ? l.after : r.expected;
            l.proven[1] = true;
            l.last = samples.records[i];
        }
    }
    return l;
}

static void examine(const judge_input *in, judge_finding *out)
{
    char texts[3][32];
    levels l = levels_of(in);
    uint64_t clean_up = last_clean_up(in);
    uint64_t room = 0;
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        uint64_t own = room_of(in, key, clean_up);
        room += own;
        out->examined += own > 0;
    }
    if (!l.proven[0] || !l.proven[1]) {
        finding_doubt(out, "no samples before the load, or none after it and its grace");
        return;
    }
    units_show_size(l.after, texts[0]);
    units_show_size(l.before + room, texts[1]);
    units_show_size(in->values[SLACK].number, texts[2]);
    if (l.after <= l.before + room + in->values[SLACK].number) {
        finding_hold(out, "%s on the disk, where %s may be stored and %s are allowed besides",
                     texts[0], texts[1], texts[2]);
        return;
    }
    finding_violate(out, history_get(in->history, l.last).invoke,
                    "%s are on the disk after the load, where no more than %s may be stored and %s "
                    "are allowed besides",
                    texts[0], texts[1], texts[2]);
    evidence_show(in, out, l.last);
}

const judge judge_disk_bounded = {
    .name = "disk-bounded",
    .definition =
        "After the load and its grace the data directory holds no more than before, the versions "
        "that may have been stored and not cleaned up, and the stated slack.",
    .needs = "samples of the data directory before the load and after it",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
