/* channel-bounded: a channel keeps at most so many samples; they are the last ones, in order; what
 * was acknowledged is there unless newer samples pushed it out; what was refused never is.
 *
 * An append with an invalid sample is refused whole, and after the quiet period every channel can
 * be read. Not a violation: samples of unknown appends, there or not; concurrent appends in either
 * order, but each append's samples stay together. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "history/operations.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"most", PARAMETER_WHOLE, "1000", "samples that a channel keeps", NULL},
};
enum { MOST };

typedef struct {
    const judge_input *in;
    judge_finding *out;
    uint32_t record; /* the read */
    history_record read;
    part_range parts;
    uint64_t samples;
} reading;

static void blame(const reading *at, const char *what, size_t append)
{
    if (!finding_violate(at->out, at->read.finish, "channel '%.120s': %s",
                         history_text(at->in->history, at->read.key), what))
        return;
    if (append != SIZE_MAX)
        evidence_show(at->in, at->out, append);
    evidence_show(at->in, at->out, at->record);
}

static void judge_run(const reading *at, const history_record *run, bool first)
{
    size_t writer = index_writer(at->in->index, run->value);
    if (writer == SIZE_MAX) {
        if (history_complete(at->in->history))
            blame(at, "it has samples that nobody appended", SIZE_MAX);
        return;
    }
    history_record append = history_get(at->in->history, writer);
    if (append.type != OPERATION_CHANNEL_APPEND || append.key != at->read.key)
        blame(at, "it has samples of another channel", writer);
    else if (append.outcome == OUTCOME_FAILED)
        blame(at, "it has samples of a refused append", writer);
    else if (append.invoke > at->read.finish)
        blame(at, "it has samples before they were appended", writer);
    else if (run->expected + run->size != append.size || (!first && run->expected != 0))
        blame(at, "it has only part of an append, or an append in pieces", writer);
}

/* Runs must stand in an order that real time allows: none may end before an earlier one began. */
static void judge_order(const reading *at)
{
    uint64_t latest = 0;
    size_t latest_record = SIZE_MAX;
    for (uint32_t p = at->parts.first; p < at->parts.first + at->parts.count; p++) {
        history_record run = history_get(at->in->history, p);
        size_t writer = index_writer(at->in->index, run.value);
        if (run.type != PART_SAMPLES || writer == SIZE_MAX)
            continue;
        history_record append = history_get(at->in->history, writer);
        if (effect_until(&append) < latest) {
            blame(at, "an earlier append's samples stand after a later one's", latest_record);
            return;
        }
        if (append.invoke >= latest) {
            latest = append.invoke;
            latest_record = writer;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The last read of the channel that ended before `time` and has `value`'s samples, or just was
 * served when `value` is 0; SIZE_MAX: none. */
static size_t last_read(const judge_input *in, uint32_t channel, uint64_t value, uint64_t time)
{
    record_list list = index_of_key(in->index, channel);
    size_t last = SIZE_MAX;
    uint64_t latest = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type != OPERATION_CHANNEL_READ || r.outcome != OUTCOME_OK || r.finish >= time ||
            r.finish < latest)
            continue;
        part_range parts = index_parts(in->index, list.records[i]);
        bool has = value == 0;
        for (uint32_t p = parts.first; p < parts.first + parts.count && !has; p++) {
            history_record run = history_get(in->history, p);
            has = run.type == PART_SAMPLES && run.value == value;
        }
        if (has) {
            last = list.records[i];
            latest = r.finish;
        }
    }
    return last;
}

static void blame_missing(const reading *at, size_t record, uint64_t most)
{
    const judge_input *in = at->in;
    history_record append = history_get(in->history, record);
    if (!finding_violate(at->out, at->read.finish,
                         "channel '%.80s': the %" PRIu64 " samples of append %" PRIu32 "/%" PRIu32
                         ", acknowledged at %.4f s, are missing from read %" PRIu32 "/%" PRIu32
                         " at %.4f s, which has %" PRIu64 " samples of at most %" PRIu64 "%s",
                         history_text(in->history, at->read.key), append.size, append.client,
                         append.sequence, evidence_seconds(append.finish), at->read.client,
                         at->read.sequence, evidence_seconds(at->read.invoke), at->samples, most,
                         at->samples < most ? "" : ", older ones among them"))
        return;
    size_t before = last_read(in, at->read.key, append.value, at->read.invoke);
    evidence_show(in, at->out, record);
    if (before != SIZE_MAX)
        evidence_show(in, at->out, before);
    evidence_show(in, at->out, at->record);
}

/* Each append is there once; an acknowledged one that is missing must be older than everything that
 * is there, and the channel must be full. */
static void judge_missing(const reading *at, record_list appends, uint64_t most)
{
    uint64_t *present = memory_take(((size_t)at->parts.count + 1) * sizeof *present);
    size_t count = 0;
    uint64_t oldest_finish = HISTORY_NEVER;
    for (uint32_t p = at->parts.first; p < at->parts.first + at->parts.count; p++) {
        history_record run = history_get(at->in->history, p);
        size_t writer = index_writer(at->in->index, run.value);
        if (run.type != PART_SAMPLES || writer == SIZE_MAX)
            continue;
        present[count++] = run.value;
        history_record append = history_get(at->in->history, writer);
        if (effect_until(&append) < oldest_finish)
            oldest_finish = append.finish;
    }
    qsort(present, count, sizeof *present, by_value);
    for (size_t i = 1; i < count; i++)
        if (present[i] == present[i - 1])
            blame(at, "it has an append twice", index_writer(at->in->index, present[i]));
    for (size_t i = 0; i < appends.count; i++) {
        history_record append = history_get(at->in->history, appends.records[i]);
        if (append.type != OPERATION_CHANNEL_APPEND || append.outcome != OUTCOME_OK ||
            append.size == 0 || append.finish >= at->read.invoke ||
            bsearch(&append.value, present, count, sizeof *present, by_value) != NULL)
            continue;
        if (at->samples < most || oldest_finish < append.invoke) {
            blame_missing(at, appends.records[i], most);
            break;
        }
    }
    free(present);
}

/* The target is steady again, yet what it acknowledged cannot be had. */
static void judge_unreadable(const judge_input *in, judge_finding *out, uint32_t record)
{
    history_record read = history_get(in->history, record);
    record_list list = index_of_key(in->index, read.key);
    bool broken = read.failure == FAILURE_MALFORMED || read.failure == FAILURE_TRUNCATED ||
                  (read.failure == FAILURE_STATUS && read.status == 500);
    size_t lost = SIZE_MAX;
    uint64_t count = 0;
    if (!(read.flags & FLAG_FINAL) || !broken)
        return;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type == OPERATION_CHANNEL_APPEND && r.outcome == OUTCOME_OK) {
            lost = list.records[i];
            count++;
        }
        if (r.type == OPERATION_CHANNEL_READ && (r.flags & FLAG_FINAL) && r.outcome == OUTCOME_OK)
            return;
    }
    if (lost == SIZE_MAX ||
        !finding_violate(out, read.finish,
                         "channel '%.80s': the samples of %" PRIu64
                         " acknowledged appends, the last at %.4f s, cannot be read any more: "
                         "final read %" PRIu32 "/%" PRIu32 " ended as %s, status %u",
                         history_text(in->history, read.key), count,
                         evidence_seconds(history_get(in->history, lost).finish), read.client,
                         read.sequence, failure_name(read.failure), read.status))
        return;
    size_t served = last_read(in, read.key, 0, read.invoke);
    if (served != SIZE_MAX)
        evidence_show(in, out, served);
    evidence_show(in, out, lost);
    evidence_show(in, out, record);
}

static void judge_appends(const judge_input *in, judge_finding *out)
{
    record_list appends = index_of_type(in->index, OPERATION_CHANNEL_APPEND);
    for (size_t i = 0; i < appends.count; i++) {
        history_record r = history_get(in->history, appends.records[i]);
        if (r.expected != 0 && r.outcome == OUTCOME_OK &&
            finding_violate(out, r.finish, "channel '%.120s' took an invalid sample",
                            history_text(in->history, r.key)))
            evidence_show(in, out, appends.records[i]);
    }
}

static void judge_read(const judge_input *in, judge_finding *out, uint32_t record)
{
    uint64_t most = in->values[MOST].number;
    reading at = {.in = in,
                  .out = out,
                  .record = record,
                  .read = history_get(in->history, record),
                  .parts = index_parts(in->index, record)};
    if (at.read.outcome != OUTCOME_OK)
        return;
    out->examined++;
    for (uint32_t p = at.parts.first; p < at.parts.first + at.parts.count; p++) {
        history_record run = history_get(in->history, p);
        at.samples += run.type == PART_SAMPLES ? run.size : 0;
    }
    /* First: what lies beyond the most may be cut off in the middle of an append. */
    if (at.samples > most) {
        char what[80];
        snprintf(what, sizeof what, "it holds %" PRIu64 " samples and may hold %" PRIu64,
                 at.samples, most);
        blame(&at, what, SIZE_MAX);
    }
    bool first = true;
    for (uint32_t p = at.parts.first; p < at.parts.first + at.parts.count; p++) {
        history_record run = history_get(in->history, p);
        if (run.type != PART_SAMPLES)
            continue;
        judge_run(&at, &run, first);
        first = false;
    }
    judge_order(&at);
    judge_missing(&at, index_of_key(in->index, at.read.key), most);
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list reads = index_of_type(in->index, OPERATION_CHANNEL_READ);
    judge_appends(in, out);
    for (size_t i = 0; i < reads.count; i++) {
        judge_read(in, out, reads.records[i]);
        judge_unreadable(in, out, reads.records[i]);
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no channel was read");
    else
        finding_hold(out, "%" PRIu64 " reads of channels each brought the last samples in order",
                     out->examined);
}

const judge judge_channel_bounded = {
    .name = "channel-bounded",
    .definition = "A channel holds at most so many samples: the last ones, in order, each append "
                  "whole but for the oldest; acknowledged ones are there, refused and invalid ones "
                  "are not, and after the quiet period it can be read.",
    .needs = "reads of channels",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
