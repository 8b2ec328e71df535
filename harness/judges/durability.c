/* durability: every acknowledged write outlives kill -9 and power cuts.
 *
 * A write w is lost when a read that began after w was acknowledged, with a restart of the target
 * in between, sees a state that was over before w began. Not a violation: a value whose own write
 * was unknown (it may take effect late), absence when a delete may have come after w, an old value
 * that a restore may have brought back, names that a move touched (atomic-move's business), and an
 * old value without a restart in between (linearizable's business). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"
#include "history/operations.h"
#include "judges/index.h"
#include "judges/judge.h"

typedef struct {
    uint64_t at;
    bool power;
} restart;

typedef struct {
    uint64_t finish;
    uint64_t invoke; /* the latest invoke of any acknowledged write that finished by then */
    uint32_t record; /* that write's */
} acknowledged;

typedef struct {
    restart *restarts;
    size_t restart_count;
    unsigned char *moved; /* by key: a move names it */
    uint64_t lost[2];     /* by kill, by power cut */
    uint64_t writes_at_risk;
    uint64_t uncovered;
    uint32_t first_uncovered;
} work;

/* An exit with a start behind it; the stop at the end of the run puts nothing at risk any more. */
static void find_exits(const judge_input *in, record_list events, work *w)
{
    restart down = {0};
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type == EVENT_TARGET_EXIT) {
            down = (restart){.at = r.invoke};
        } else if (r.type == EVENT_TARGET_START && down.at > 0) {
            w->restarts[w->restart_count++] = down;
            down = (restart){0};
        }
    }
}

/* A cut is told by another thread than exits are, so it is matched by time, not by its place in the
 * file. */
static void mark_power_cut(work *w, uint64_t at)
{
    for (size_t i = w->restart_count; i-- > 0;) {
        if (w->restarts[i].at <= at) {
            w->restarts[i].power = true;
            return;
        }
    }
}

static void find_restarts(const judge_input *in, work *w)
{
    record_list events = index_events(in->index);
    w->restarts = memory_zeroed(events.count + 1, sizeof *w->restarts);
    find_exits(in, events, w);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        if (r.type == EVENT_POWER_CUT)
            mark_power_cut(w, r.invoke);
    }
}

static void find_moved(const judge_input *in, work *w)
{
    w->moved = memory_zeroed((size_t)index_key_count(in->index) + 1, 1);
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        part_range parts = index_parts(in->index, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
            history_record part = history_get(in->history, p);
            w->moved[part.key] = 1;
            w->moved[part.detail] = 1;
        }
    }
}

static bool changes_name(const history_record *r)
{
    return r->type == OPERATION_PUT || r->type == OPERATION_DELETE ||
           r->type == OPERATION_RESTORE ||
           (r->type == OPERATION_UPLOAD_PATCH && (r->flags & FLAG_COMPLETES));
}

static bool reads_name(const history_record *r)
{
    return (r->type == OPERATION_GET || r->type == OPERATION_GET_RANGE ||
            r->type == OPERATION_HEAD) &&
           r->outcome == OUTCOME_OK;
}

static int by_finish(const void *a, const void *b)
{
    uint64_t x = ((const acknowledged *)a)->finish;
    uint64_t y = ((const acknowledged *)b)->finish;
    return (x > y) - (x < y);
}

/* The acknowledged writes of a key by finish, each carrying the latest one that began up to there.
 */
static size_t order_writes(const judge_input *in, record_list list, acknowledged *out)
{
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (changes_name(&r) && r.outcome == OUTCOME_OK)
            out[count++] = (acknowledged){r.finish, r.invoke, list.records[i]};
    }
    qsort(out, count, sizeof *out, by_finish);
    for (size_t i = 1; i < count; i++) {
        if (out[i - 1].invoke > out[i].invoke) {
            out[i].invoke = out[i - 1].invoke;
            out[i].record = out[i - 1].record;
        }
    }
    return count;
}

/* The latest-begun write acknowledged before `time`; NULL: none. */
static const acknowledged *latest_before(const acknowledged *writes, size_t count, uint64_t time)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (writes[middle].finish < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &writes[low - 1] : NULL;
}

static const restart *restart_between(const work *w, uint64_t from, uint64_t to)
{
    for (size_t i = w->restart_count; i-- > 0;)
        if (w->restarts[i].at > from && w->restarts[i].at < to)
            return &w->restarts[i];
    return NULL;
}

/* May an operation of one of `types` on this key have taken effect after `time`? */
static bool may_follow(const judge_input *in, record_list list, unsigned type, uint64_t time)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type != type || r.outcome == OUTCOME_FAILED)
            continue;
        if (r.outcome == OUTCOME_UNKNOWN || r.finish > time)
            return true;
    }
    return false;
}

static bool explained(const judge_input *in, record_list list, const history_record *read,
                      const history_record *lost)
{
    if (read->flags & FLAG_ABSENT)
        return lost->type == OPERATION_DELETE ||
               may_follow(in, list, OPERATION_DELETE, lost->invoke);
    if (may_follow(in, list, OPERATION_RESTORE, lost->invoke))
        return true;
    if (read->value == 0)
        return read->version == 0 || lost->version == 0 || read->version >= lost->version;
    size_t writer = index_writer(in->index, read->value);
    if (writer == SIZE_MAX)
        return true;
    history_record seen = history_get(in->history, writer);
    /* An upload's content is named after its creation, but it became visible by its last piece. */
    return seen.type == OPERATION_UPLOAD_CREATE || seen.outcome == OUTCOME_UNKNOWN ||
           seen.finish >= lost->invoke;
}

static void report_loss(const judge_input *in, work *w, judge_finding *out, uint32_t read_at,
                        const history_record *read, uint32_t lost_at, const history_record *lost,
                        const restart *crash)
{
    const char *name = history_text(in->history, read->key);
    w->lost[crash->power]++;
    if (!finding_violate(out, read->finish,
                         "'%.120s' lost acknowledged %s %" PRIu32 "/%" PRIu32 " by a %s", name,
                         operation_row_of(lost->type)->name, lost->client, lost->sequence,
                         crash->power ? "power cut" : "kill -9"))
        return;
    char a[32], b[32], c[32], d[32];
    finding_line(out, "%s  client %" PRIu32 " %s %.60s acknowledged at %s",
                 units_show_duration(lost->invoke, a), lost->client,
                 operation_row_of(lost->type)->name, name, units_show_duration(lost->finish, b));
    finding_line(out, "%s  the target %s", units_show_duration(crash->at, c),
                 crash->power ? "lost power" : "was killed");
    if (read->flags & FLAG_ABSENT)
        finding_line(out, "%s  client %" PRIu32 " %s finds nothing",
                     units_show_duration(read->invoke, d), read->client,
                     operation_row_of(read->type)->name);
    else
        finding_line(
            out,
            "%s  client %" PRIu32 " %s sees older write %" PRIu32 "/%" PRIu32 ", version %" PRIu32,
            units_show_duration(read->invoke, d), read->client, operation_row_of(read->type)->name,
            (uint32_t)(read->value >> 32), (uint32_t)read->value, read->version);
    finding_record(out, lost_at);
    finding_record(out, read_at);
}

static void judge_reads(const judge_input *in, work *w, judge_finding *out, record_list list,
                        const acknowledged *writes, size_t count)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record read = history_get(in->history, list.records[i]);
        if (!reads_name(&read))
            continue;
        const acknowledged *latest = latest_before(writes, count, read.invoke);
        if (latest == NULL)
            continue;
        history_record lost = history_get(in->history, latest->record);
        const restart *crash = restart_between(w, lost.finish, read.invoke);
        if (crash == NULL)
            continue;
        out->examined++;
        if (!explained(in, list, &read, &lost))
            report_loss(in, w, out, list.records[i], &read, latest->record, &lost, crash);
    }
}

/* A key with a write at risk and no read after the last restart was never looked at. */
static void check_cover(const judge_input *in, work *w, record_list list,
                        const acknowledged *writes, size_t count, uint32_t key)
{
    if (w->restart_count == 0 || count == 0)
        return;
    uint64_t last = w->restarts[w->restart_count - 1].at;
    if (writes[0].finish > last)
        return;
    w->writes_at_risk++;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (reads_name(&r) && r.invoke > last)
            return;
    }
    w->uncovered++;
    w->first_uncovered = key;
}

/* The target is steady again, yet what it acknowledged cannot be had: it is lost to whoever wrote
 * it. */
static void judge_unreadable(const judge_input *in, judge_finding *out, record_list list,
                             const acknowledged *writes, size_t count)
{
    history_record r = {0};
    uint32_t at = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record now = history_get(in->history, list.records[i]);
        if (now.type != OPERATION_GET || !(now.flags & FLAG_FINAL))
            continue;
        if (now.outcome == OUTCOME_OK)
            return;
        at = list.records[i];
        r = now;
    }
    bool tried = r.failure != FAILURE_NONE && r.failure != FAILURE_CONNECT &&
                 r.failure != FAILURE_INTERRUPTED;
    if (!tried || count == 0)
        return;
    history_record lost = history_get(in->history, writes[count - 1].record);
    if (!finding_violate(out, r.finish,
                         "'%.120s': acknowledged %s %" PRIu32 "/%" PRIu32
                         " cannot be read any more",
                         history_text(in->history, r.key), operation_row_of(lost.type)->name,
                         lost.client, lost.sequence))
        return;
    finding_line(out,
                 "the final get %" PRIu32 "/%" PRIu32
                 " of %.80s ended as %s, status %u, after %" PRIu64 " bytes",
                 r.client, r.sequence, history_text(in->history, r.key), failure_name(r.failure),
                 r.status, r.size);
    finding_record(out, writes[count - 1].record);
    finding_record(out, at);
}

static void conclude(const judge_input *in, const work *w, judge_finding *out)
{
    if (out->violations > 0) {
        finding_line(out,
                     "in all: %" PRIu64 " reads show a loss by kill -9, %" PRIu64 " by power cut",
                     w->lost[0], w->lost[1]);
        return;
    }
    if (w->restart_count == 0)
        finding_doubt(out, "the target never went down, so nothing was at risk");
    else if (w->writes_at_risk == 0)
        finding_doubt(out, "no write was acknowledged before the target went down");
    else if (w->uncovered > 0)
        finding_doubt(
            out,
            "%" PRIu64
            " names with acknowledged writes were not read after the last restart, first '%.120s'",
            w->uncovered, history_text(in->history, w->first_uncovered));
    else
        finding_hold(out,
                     "%" PRIu64 " names written before %zu restarts, all there in %" PRIu64
                     " reads after",
                     w->writes_at_risk, w->restart_count, out->examined);
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {0};
    find_restarts(in, &w);
    find_moved(in, &w);
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        if (list.count == 0 || w.moved[key])
            continue;
        acknowledged *writes = memory_zeroed(list.count, sizeof *writes);
        size_t count = order_writes(in, list, writes);
        judge_reads(in, &w, out, list, writes, count);
        judge_unreadable(in, out, list, writes, count);
        check_cover(in, &w, list, writes, count, key);
        free(writes);
    }
    conclude(in, &w, out);
    free(w.restarts);
    free(w.moved);
}

const judge judge_durability = {
    .name = "durability",
    .definition = "No read that began after a write was acknowledged, with a kill -9 or power cut "
                  "in between, sees a "
                  "state from before that write.",
    .needs = "a restart with acknowledged writes before it, and a read of each such name after the "
             "last restart",
    .examine = examine,
};
