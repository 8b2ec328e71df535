/* quota-exact: an account never uses more than its quota, and after quiet it uses what its files
 * hold.
 *
 * An account owns the names under "quota/<account>/". The sum is compared only when every name that
 * was written got a final read. An unknown write may still come: such a name has as many bytes as
 * was read or as that write would leave, so the sum lies between two bounds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judges/evidence.h"

typedef struct {
    uint64_t least;
    uint64_t most;
} bounds;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    uint64_t compared;
} work;

static void widen(bounds *b, uint64_t size)
{
    b->least = size < b->least ? size : b->least;
    b->most = size > b->most ? size : b->most;
}

/* Adds a name's final size; false when it cannot be told. */
static bool add_size(const judge_input *in, uint32_t key, bounds *sum)
{
    record_list list = index_of_key(in->index, key);
    bounds size = {UINT64_MAX, 0};
    bool written = false;
    bool read = false;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        bool whole = r.type == OPERATION_GET || r.type == OPERATION_HEAD;
        if (changes_name(&r) && r.outcome != OUTCOME_FAILED)
            written = true;
        if (changes_name(&r) && r.outcome == OUTCOME_UNKNOWN)
            widen(&size, r.type == OPERATION_DELETE ? 0 : r.size);
        if (!(r.flags & FLAG_FINAL) || !reads_name(&r) || !whole)
            continue;
        read = true;
        widen(&size, r.flags & FLAG_ABSENT ? 0 : r.size);
    }
    if (read) {
        sum->least += size.least;
        sum->most += size.most;
    }
    return read || !written;
}

static bool sum_of(const judge_input *in, uint32_t account, bounds *sum)
{
    char prefix[300];
    int length =
        snprintf(prefix, sizeof prefix, "quota/%.200s/", history_text(in->history, account));
    for (uint32_t key = 1; key <= index_key_count(in->index); key++)
        if (strncmp(history_text(in->history, key), prefix, (size_t)length) == 0 &&
            !add_size(in, key, sum))
            return false;
    return true;
}

static void judge_final(work *w, uint32_t record, const history_record *r)
{
    bounds sum = {0, 0};
    const char *account = history_text(w->in->history, r->key);
    if (!sum_of(w->in, r->key, &sum))
        return;
    w->compared++;
    bool agrees = sum.least <= r->size && r->size <= sum.most;
    if (!agrees && finding_violate(w->out, r->finish,
                                   "account '%.100s' is told to use %" PRIu64
                                   " bytes, but its files hold %" PRIu64,
                                   account, r->size, r->size < sum.least ? sum.least : sum.most))
        evidence_show(w->in, w->out, record);
    if (r->expected != 0 && sum.least > r->expected &&
        finding_violate(w->out, r->finish,
                        "the files of account '%.100s' hold %" PRIu64
                        " bytes of a quota of %" PRIu64,
                        account, sum.least, r->expected))
        evidence_show(w->in, w->out, record);
}

static void judge_usage(work *w, uint32_t record)
{
    history_record r = history_get(w->in->history, record);
    if (r.outcome != OUTCOME_OK)
        return;
    w->out->examined++;
    if (r.expected != 0 && r.size > r.expected &&
        finding_violate(w->out, r.finish,
                        "account '%.100s' uses %" PRIu64 " bytes of a quota of %" PRIu64,
                        history_text(w->in->history, r.key), r.size, r.expected))
        evidence_show(w->in, w->out, record);
    if (r.flags & FLAG_FINAL)
        judge_final(w, record, &r);
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {.in = in, .out = out};
    record_list list = index_of_type(in->index, OPERATION_USAGE);
    for (size_t i = 0; i < list.count; i++)
        judge_usage(&w, list.records[i]);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no account was asked for its use");
    else if (w.compared == 0)
        finding_doubt(out, "no final answer could be compared with the sizes of the files");
    else
        finding_hold(out,
                     "%" PRIu64 " answers stay within the quota; %" PRIu64
                     " were compared with the files' sizes",
                     out->examined, w.compared);
}

const judge judge_quota_exact = {
    .name = "quota-exact",
    .definition = "An account never uses more than its quota, and after the quiet period it uses "
                  "exactly the sizes of its files.",
    .needs = "usage answers; final ones and final reads of the account's names for exactness",
    .examine = examine,
};
