/* quota-exact: an account never uses more than its quota, and after quiet it uses what its files
 * hold.
 *
 * An account owns the names under "quota/<account>/". The sum is compared only when every name that
 * was written got a final read and none has an unknown write: those may still come. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judges/evidence.h"

/* Adds a name's final size; false when it cannot be told. */
static bool add_size(const judge_input *in, uint32_t key, uint64_t *sum)
{
    record_list list = index_of_key(in->index, key);
    bool written = false;
    bool read = false;
    uint64_t size = 0;
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (changes_name(&r) && r.outcome == OUTCOME_UNKNOWN)
            return false;
        written = written || (changes_name(&r) && r.outcome == OUTCOME_OK);
        bool whole = r.type == OPERATION_GET || r.type == OPERATION_HEAD;
        if (!(r.flags & FLAG_FINAL) || !reads_name(&r) || !whole)
            continue;
        read = true;
        size = r.flags & FLAG_ABSENT ? 0 : r.size;
    }
    *sum += size;
    return read || !written;
}

static bool sum_of(const judge_input *in, uint32_t account, uint64_t *sum)
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

static void judge_usage(const judge_input *in, judge_finding *out, uint32_t record,
                        uint64_t *compared)
{
    history_record r = history_get(in->history, record);
    if (r.outcome != OUTCOME_OK)
        return;
    out->examined++;
    if (r.expected != 0 && r.size > r.expected &&
        finding_violate(out, r.finish,
                        "account '%.100s' uses %" PRIu64 " bytes of a quota of %" PRIu64,
                        history_text(in->history, r.key), r.size, r.expected))
        evidence_show(in, out, record);
    uint64_t sum = 0;
    if (!(r.flags & FLAG_FINAL) || !sum_of(in, r.key, &sum))
        return;
    (*compared)++;
    if (sum != r.size && finding_violate(out, r.finish,
                                         "account '%.100s' is told to use %" PRIu64
                                         " bytes, but its files hold %" PRIu64,
                                         history_text(in->history, r.key), r.size, sum))
        evidence_show(in, out, record);
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t compared = 0;
    record_list list = index_of_type(in->index, OPERATION_USAGE);
    for (size_t i = 0; i < list.count; i++)
        judge_usage(in, out, list.records[i], &compared);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no account was asked for its use");
    else
        finding_hold(out,
                     "%" PRIu64 " answers stay within the quota; %" PRIu64
                     " were compared with the files' sizes",
                     out->examined, compared);
}

const judge judge_quota_exact = {
    .name = "quota-exact",
    .definition = "An account never uses more than its quota, and after the quiet period it uses "
                  "exactly the sizes of its files.",
    .needs = "usage answers; final ones and final reads of the account's names for exactness",
    .examine = examine,
};
