/* share-exact: a share link gives exactly so many downloads, none after its end and none after it
 * was deleted, and is not called exhausted or expired before it is.
 *
 * Not a violation: downloads beside the deletion or within the stated skew of the expiry; downloads
 * with an unknown outcome may or may not have counted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"skew", PARAMETER_DURATION, "2s", "how much later than its expiry a link may still work",
     NULL},
};
enum { SKEW };

typedef struct {
    uint64_t share; /* the share-create's value */
    uint64_t finish;
    uint32_t record;
    bool counted; /* it succeeded */
} download;

static int by_share(const void *a, const void *b)
{
    const download *x = a;
    const download *y = b;
    if (x->share != y->share)
        return x->share > y->share ? 1 : -1;
    return (x->finish > y->finish) - (x->finish < y->finish);
}

static size_t deletion_before(const judge_input *in, uint64_t share, uint64_t time)
{
    record_list list = index_of_type(in->index, OPERATION_SHARE_DELETE);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.expected == share && r.outcome == OUTCOME_OK && r.finish < time)
            return list.records[i];
    }
    return SIZE_MAX;
}

static bool blame(const judge_input *in, judge_finding *out, const download *d, size_t why,
                  const char *what)
{
    history_record r = history_get(in->history, d->record);
    if (!finding_violate(out, r.finish, "a share of '%.120s' %s", history_text(in->history, r.key),
                         what))
        return false;
    evidence_show(in, out, why);
    evidence_show(in, out, d->record);
    return true;
}

/* Those that came before `d`, as many as there is room for. */
static void show_downloads(const judge_input *in, judge_finding *out, const download *d,
                           uint64_t before)
{
    for (; before > 0; before -= d->counted)
        if ((--d)->counted)
            evidence_show(in, out, d->record);
}

/* `before`: how many of the share's downloads in front of `d` succeeded. */
static void judge_download(const judge_input *in, judge_finding *out, const download *d,
                           size_t creator, uint64_t before)
{
    history_record create = history_get(in->history, creator);
    history_record get = history_get(in->history, d->record);
    if (create.size != 0 && before >= create.size) {
        char what[64];
        snprintf(what, sizeof what, "gave download number %" PRIu64 " and may give %" PRIu64,
                 before + 1, create.size);
        if (blame(in, out, d, creator, what))
            show_downloads(in, out, d, before);
    }
    if (create.expected != 0 && get.invoke > create.expected + in->values[SKEW].number)
        blame(in, out, d, creator, "still worked after its expiry");
    size_t deletion = deletion_before(in, d->share, get.invoke);
    if (deletion != SIZE_MAX)
        blame(in, out, d, deletion, "still worked after it was deleted");
}

static uint64_t possible_before(const judge_input *in, const download *all, size_t count,
                                uint64_t time)
{
    uint64_t possible = 0;
    for (size_t i = 0; i < count; i++) {
        history_record r = history_get(in->history, all[i].record);
        /* Wrong bytes were a download all the same. */
        bool counted = r.outcome != OUTCOME_FAILED || r.failure == FAILURE_CONTENT;
        possible += counted && r.invoke <= time;
    }
    return possible;
}

/* True when it says exhausted: the first that does had the fewest downloads before it. */
static bool judge_exhausted(const judge_input *in, judge_finding *out, const download *all,
                            size_t count, size_t at, size_t creator)
{
    history_record create = history_get(in->history, creator);
    history_record get = history_get(in->history, all[at].record);
    if (strcmp(history_text(in->history, get.detail), "share_exhausted") != 0)
        return false;
    if (possible_before(in, all, count, get.finish) < create.size)
        blame(in, out, &all[at], creator, "was called exhausted before it was");
    return true;
}

static void judge_expired(const judge_input *in, judge_finding *out, const download *d,
                          size_t creator)
{
    history_record create = history_get(in->history, creator);
    history_record get = history_get(in->history, d->record);
    if (strcmp(history_text(in->history, get.detail), "share_expired") != 0)
        return;
    /* Its life began when it was made, which `expected` takes as late as it can be. */
    uint64_t earliest = create.expected - (create.finish - create.invoke);
    if (create.expected != 0 && get.finish + in->values[SKEW].number < earliest)
        blame(in, out, d, creator, "was called expired before it was");
}

/* All downloads of one share, by their end. */
static void judge_share(const judge_input *in, judge_finding *out, const download *all,
                        size_t count)
{
    size_t creator = index_writer(in->index, all[0].share);
    uint64_t before = 0;
    bool exhausted = false;
    for (size_t i = 0; i < count && creator != SIZE_MAX; i++) {
        history_record r = history_get(in->history, all[i].record);
        if (all[i].counted)
            judge_download(in, out, &all[i], creator, before++);
        if (r.failure != FAILURE_STATUS)
            continue;
        judge_expired(in, out, &all[i], creator);
        exhausted = exhausted || judge_exhausted(in, out, all, count, i, creator);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list gets = index_of_type(in->index, OPERATION_SHARE_GET);
    download *all = memory_take((gets.count + 1) * sizeof *all);
    uint64_t good = 0;
    for (size_t i = 0; i < gets.count; i++) {
        history_record r = history_get(in->history, gets.records[i]);
        all[i] = (download){r.expected, r.finish, gets.records[i], r.outcome == OUTCOME_OK};
        good += r.outcome == OUTCOME_OK;
    }
    out->examined = good;
    qsort(all, gets.count, sizeof *all, by_share);
    for (size_t i = 0, end; i < gets.count; i = end) {
        for (end = i + 1; end < gets.count && all[end].share == all[i].share; end++)
            ;
        judge_share(in, out, &all[i], end - i);
    }
    free(all);
    if (out->violations > 0)
        return;
    if (good == 0)
        finding_doubt(out, "nothing was downloaded by a share link");
    else
        finding_hold(out,
                     "%" PRIu64 " downloads, each within what its link allows, and %" PRIu64
                     " refusals, none too early",
                     good, gets.count - good);
}

const judge judge_share_exact = {
    .name = "share-exact",
    .definition =
        "A share link gives exactly its maximum of downloads, none later than its expiry by "
        "more than the skew, none after its deletion, and is called exhausted or expired "
        "only when it is.",
    .needs = "downloads by share link",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
