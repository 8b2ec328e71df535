/* durability: every acknowledged write outlives kill -9 and power cuts.
 *
 * A write w is lost when a read that began after w was acknowledged, with a restart of the target
 * in between, sees a state that was over before w began. A move writes its end and removes its
 * source. Not a violation: a value that an unknown write may have brought (it may take effect
 * late), absence when a delete or a move may have come after w, content of which it cannot be told
 * which restore or move brought it, and an old value without a restart in between (linearizable's
 * business). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "history/operations.h"
#include "judges/changes.h"
#include "judges/evidence.h"

typedef struct {
    uint64_t at;
    bool power;
} restart;

typedef struct {
    uint64_t finish;
    uint64_t invoke; /* the latest invoke of any acknowledged write that finished by then */
    size_t change;   /* that write's, among the name's changes */
} acknowledged;

typedef struct {
    uint32_t key;
    record_list list;
    change_list changes;
    acknowledged *writes; /* by finish, each with the latest-begun one up to there */
    size_t write_count;
} name_work;

typedef struct {
    restart *restarts;
    size_t restart_count;
    uint64_t lost[2]; /* by kill, by power cut */
    uint64_t unreadable;
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

static int by_finish(const void *a, const void *b)
{
    uint64_t x = ((const acknowledged *)a)->finish;
    uint64_t y = ((const acknowledged *)b)->finish;
    return (x > y) - (x < y);
}

static void order_writes(name_work *n)
{
    n->writes = memory_take((n->changes.count + 1) * sizeof *n->writes);
    for (size_t i = 0; i < n->changes.count; i++) {
        const change *c = &n->changes.all[i];
        if (c->finish != HISTORY_NEVER)
            n->writes[n->write_count++] = (acknowledged){c->finish, c->invoke, i};
    }
    qsort(n->writes, n->write_count, sizeof *n->writes, by_finish);
    for (size_t i = 1; i < n->write_count; i++) {
        if (n->writes[i - 1].invoke > n->writes[i].invoke) {
            n->writes[i].invoke = n->writes[i - 1].invoke;
            n->writes[i].change = n->writes[i - 1].change;
        }
    }
}

/* The latest-begun write acknowledged before `time`; NULL: none. */
static const change *latest_before(const name_work *n, uint64_t time)
{
    size_t low = 0;
    size_t high = n->write_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->writes[middle].finish < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &n->changes.all[n->writes[low - 1].change] : NULL;
}

/* The last restart before `time`; NULL: none. */
static const restart *restart_before(const work *w, uint64_t time)
{
    for (size_t i = w->restart_count; i-- > 0;)
        if (w->restarts[i].at < time)
            return &w->restarts[i];
    return NULL;
}

static bool explained(const judge_input *in, const name_work *n, const history_record *read,
                      const change *lost)
{
    if (read->flags & FLAG_ABSENT)
        return lost->removes || changes_may_remove(&n->changes, lost->invoke, read->finish);
    if (read->value == 0)
        return read->version == 0 || lost->version == 0 || read->version >= lost->version;
    size_t shown = changes_shown(in, &n->changes, read->value, read->version);
    return shown == NO_CHANGE || n->changes.all[shown].finish >= lost->invoke;
}

static void show_restart(judge_finding *out, const restart *crash)
{
    finding_step(out, crash->at, EVIDENCE_NO_RECORD, "%.4f s  the target %s",
                 evidence_seconds(crash->at), crash->power ? "lost power" : "was killed");
}

static void report_loss(const judge_input *in, work *w, judge_finding *out, uint32_t read_at,
                        const history_record *read, const change *undone, const restart *crash)
{
    const char *name = history_text(in->history, read->key);
    history_record lost = history_get(in->history, undone->record);
    const char *what = operation_row_of(lost.type)->name;
    w->lost[crash->power]++;
    if (!finding_violate(out, read->finish,
                         "'%.120s' lost acknowledged %s %" PRIu32 "/%" PRIu32 " by a %s", name,
                         what, lost.client, lost.sequence, crash->power ? "power cut" : "kill -9"))
        return;
    evidence_show(in, out, undone->record);
    show_restart(out, crash);
    evidence_show(in, out, read_at);
}

static void judge_reads(const judge_input *in, work *w, judge_finding *out, const name_work *n)
{
    for (size_t i = 0; i < n->list.count; i++) {
        history_record read = history_get(in->history, n->list.records[i]);
        const restart *crash = reads_name(&read) ? restart_before(w, read.invoke) : NULL;
        const change *lost = crash != NULL ? latest_before(n, crash->at) : NULL;
        if (lost == NULL)
            continue;
        out->examined++;
        if (!explained(in, n, &read, lost))
            report_loss(in, w, out, n->list.records[i], &read, lost, crash);
    }
}

/* A key with a write at risk and no read after the last restart was never looked at. */
static void check_cover(const judge_input *in, work *w, const name_work *n)
{
    if (w->restart_count == 0 || n->write_count == 0)
        return;
    uint64_t last = w->restarts[w->restart_count - 1].at;
    if (n->writes[0].finish > last)
        return;
    w->writes_at_risk++;
    for (size_t i = 0; i < n->list.count; i++) {
        history_record r = history_get(in->history, n->list.records[i]);
        if (reads_name(&r) && r.invoke > last)
            return;
    }
    w->uncovered++;
    w->first_uncovered = n->key;
}

/* The target is steady again, yet what it acknowledged cannot be had: it is lost to whoever wrote
 * it. */
static void judge_unreadable(const judge_input *in, work *w, judge_finding *out, const name_work *n)
{
    history_record r = {0};
    uint32_t at = 0;
    for (size_t i = 0; i < n->list.count; i++) {
        history_record now = history_get(in->history, n->list.records[i]);
        if (now.type != OPERATION_GET || !(now.flags & FLAG_FINAL))
            continue;
        if (now.outcome == OUTCOME_OK)
            return;
        at = n->list.records[i];
        r = now;
    }
    bool tried = r.failure != FAILURE_NONE && r.failure != FAILURE_CONNECT &&
                 r.failure != FAILURE_INTERRUPTED;
    if (!tried || n->write_count == 0)
        return;
    uint32_t record = n->changes.all[n->writes[n->write_count - 1].change].record;
    history_record lost = history_get(in->history, record);
    w->unreadable++;
    if (!finding_violate(out, r.finish,
                         "'%.120s': acknowledged %s %" PRIu32 "/%" PRIu32
                         " cannot be read any more",
                         history_text(in->history, r.key), operation_row_of(lost.type)->name,
                         lost.client, lost.sequence))
        return;
    evidence_show(in, out, record);
    const restart *crash = restart_before(w, r.invoke);
    if (crash != NULL && crash->at > lost.finish)
        show_restart(out, crash);
    evidence_show(in, out, at);
}

static void conclude(const judge_input *in, const work *w, judge_finding *out)
{
    if (out->violations > 0) {
        finding_step(out, HISTORY_NEVER, EVIDENCE_NO_RECORD,
                     "in all: %" PRIu64 " reads show a loss by kill -9, %" PRIu64
                     " by power cut; %" PRIu64 " names cannot be read any more",
                     w->lost[0], w->lost[1], w->unreadable);
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
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        name_work n = {.key = key, .list = index_of_key(in->index, key)};
        n.changes = changes_of_name(in, key);
        if (n.changes.count > 0) {
            order_writes(&n);
            judge_reads(in, &w, out, &n);
            judge_unreadable(in, &w, out, &n);
            check_cover(in, &w, &n);
        }
        changes_free(&n.changes);
        free(n.writes);
    }
    conclude(in, &w, out);
    free(w.restarts);
}

const judge judge_durability = {
    .name = "durability",
    .definition = "No read that began after a write, delete, restore, finished upload or move was "
                  "acknowledged, with a kill -9 or power cut in between, sees a state from before "
                  "it.",
    .needs = "a restart with acknowledged writes before it, and a read of each such name after the "
             "last restart",
    .examine = examine,
};
