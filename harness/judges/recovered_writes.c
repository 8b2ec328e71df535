/* recovered-writes: an unknown write that somebody saw stays, over restarts too.
 *
 * Restores, finished uploads and moves onto a name count as writes of it. Not a violation: a later
 * read that sees a write which may be newer, absence that a delete or a move may explain, content
 * of which it cannot be told what brought it. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/changes.h"
#include "judges/evidence.h"

/* An unknown write, from when on it was certainly there. */
typedef struct {
    uint64_t seen;
    uint64_t invoke; /* the latest of all seen by then */
    uint32_t write;  /* whose that is */
    uint32_t read;   /* who saw it */
} recovered;

typedef struct {
    const judge_input *in;
    record_list list;
    change_list changes;
    recovered *all;
    size_t count;
} name_work;

static int by_seen(const void *a, const void *b)
{
    uint64_t x = ((const recovered *)a)->seen;
    uint64_t y = ((const recovered *)b)->seen;
    return (x > y) - (x < y);
}

static size_t shown_by(const name_work *n, const history_record *read)
{
    bool there = reads_name(read) && read->value != 0 && !(read->flags & FLAG_ABSENT);
    return there ? changes_shown(n->in, &n->changes, read->value, read->version) : NO_CHANGE;
}

static void find_recovered(name_work *n)
{
    n->all = memory_take((n->list.count + 1) * sizeof *n->all);
    for (size_t i = 0; i < n->list.count; i++) {
        history_record r = history_get(n->in->history, n->list.records[i]);
        size_t shown = shown_by(n, &r);
        if (shown == NO_CHANGE || n->changes.all[shown].finish != HISTORY_NEVER)
            continue;
        const change *c = &n->changes.all[shown];
        n->all[n->count++] = (recovered){r.finish, c->invoke, c->record, n->list.records[i]};
    }
    qsort(n->all, n->count, sizeof *n->all, by_seen);
    for (size_t i = 1; i < n->count; i++) {
        if (n->all[i - 1].invoke > n->all[i].invoke) {
            n->all[i].invoke = n->all[i - 1].invoke;
            n->all[i].write = n->all[i - 1].write;
            n->all[i].read = n->all[i - 1].read;
        }
    }
}

static const recovered *latest_before(const name_work *n, uint64_t time)
{
    size_t low = 0;
    size_t high = n->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->all[middle].seen < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &n->all[low - 1] : NULL;
}

/* Is what was read certainly from before the recovered write? */
static bool older(const name_work *n, const history_record *read, const recovered *known)
{
    if (read->flags & FLAG_ABSENT)
        return !changes_may_remove(&n->changes, known->invoke, read->finish);
    size_t shown = shown_by(n, read);
    return shown != NO_CHANGE && n->changes.all[shown].finish < known->invoke;
}

static void judge_name(judge_finding *out, name_work *n)
{
    find_recovered(n);
    out->examined += n->count;
    for (size_t i = 0; i < n->list.count && n->count > 0; i++) {
        history_record r = history_get(n->in->history, n->list.records[i]);
        const recovered *known = reads_name(&r) ? latest_before(n, r.invoke) : NULL;
        if (known == NULL || !older(n, &r, known))
            continue;
        if (!finding_violate(out, r.finish,
                             "'%.120s': an unknown write was seen and then was gone again",
                             history_text(n->in->history, r.key)))
            continue;
        evidence_show(n->in, out, known->write);
        evidence_show(n->in, out, known->read);
        evidence_show(n->in, out, n->list.records[i]);
    }
    free(n->all);
}

static bool any_unknown(const change_list *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        if (changes->all[i].finish == HISTORY_NEVER && !changes->all[i].removes)
            return true;
    return false;
}

static void examine(const judge_input *in, judge_finding *out)
{
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        name_work n = {.in = in, .list = index_of_key(in->index, key)};
        n.changes = changes_of_name(in, key);
        if (any_unknown(&n.changes))
            judge_name(out, &n);
        changes_free(&n.changes);
    }
    if (out->violations == 0)
        finding_hold(out, "%" PRIu64 " reads saw unknown writes, all of which stayed",
                     out->examined);
}

const judge judge_recovered_writes = {
    .name = "recovered-writes",
    .definition = "A write, restore, finished upload or move with an unknown outcome that a read "
                  "has shown is never undone.",
    .needs = "unknown writes that were read; without any it holds",
    .examine = examine,
};
