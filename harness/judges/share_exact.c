/* share-exact: a share link gives at most so many downloads, none after its end and none after it
 * was deleted.
 *
 * Not a violation: downloads beside the deletion or within the stated skew of the expiry; downloads
 * with an unknown outcome are not counted against the target. */
#include <inttypes.h>
#include <stdlib.h>

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

static void blame(const judge_input *in, judge_finding *out, const download *d, size_t why,
                  const char *what)
{
    history_record r = history_get(in->history, d->record);
    if (!finding_violate(out, r.finish, "a share of '%.120s' %s", history_text(in->history, r.key),
                         what))
        return;
    evidence_show(in, out, why);
    evidence_show(in, out, d->record);
}

static void judge_download(const judge_input *in, judge_finding *out, const download *d,
                           uint64_t before)
{
    size_t creator = index_writer(in->index, d->share);
    if (creator == SIZE_MAX)
        return;
    history_record create = history_get(in->history, creator);
    history_record get = history_get(in->history, d->record);
    if (create.size != 0 && before >= create.size)
        blame(in, out, d, creator, "gave more downloads than it may");
    if (create.expected != 0 && get.invoke > create.expected + in->values[SKEW].number)
        blame(in, out, d, creator, "still worked after its expiry");
    size_t deletion = deletion_before(in, d->share, get.invoke);
    if (deletion != SIZE_MAX)
        blame(in, out, d, deletion, "still worked after it was deleted");
}

static void examine(const judge_input *in, judge_finding *out)
{
    record_list gets = index_of_type(in->index, OPERATION_SHARE_GET);
    download *all = memory_take(gets.count * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < gets.count; i++) {
        history_record r = history_get(in->history, gets.records[i]);
        if (r.outcome == OUTCOME_OK)
            all[count++] = (download){r.expected, r.finish, gets.records[i]};
    }
    out->examined = count;
    qsort(all, count, sizeof *all, by_share);
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        before = i > 0 && all[i].share == all[i - 1].share ? before + 1 : 0;
        judge_download(in, out, &all[i], before);
    }
    free(all);
    if (out->violations > 0)
        return;
    if (count == 0)
        finding_doubt(out, "nothing was downloaded by a share link");
    else
        finding_hold(out, "%zu downloads, each within what its link allows", count);
}

const judge judge_share_exact = {
    .name = "share-exact",
    .definition = "A share link never gives more downloads than its maximum, none later than its "
                  "expiry by more than the skew, none after its deletion.",
    .needs = "downloads by share link",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
