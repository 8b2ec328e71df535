/* list-agrees: after quiet, a listing has exactly the names that head and get find, with their
 * versions and sizes.
 *
 * Only final reads and listings count. Names with an unknown write, delete or restore are left out,
 * and so are names of unknown moves: their effect may still come between listing and read. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "judges/evidence.h"

typedef struct {
    const judge_input *in;
    judge_finding *out;
    unsigned char *unsettled; /* by key */
    uint32_t *entries;        /* by key: the listing's part + 1; 0: not listed */
    uint64_t listings;
} work;

static void find_unsettled(work *w)
{
    const judge_input *in = w->in;
    for (uint32_t key = 1; key <= index_key_count(in->index); key++) {
        record_list list = index_of_key(in->index, key);
        for (size_t i = 0; i < list.count; i++) {
            history_record r = history_get(in->history, list.records[i]);
            if (changes_name(&r) && r.outcome == OUTCOME_UNKNOWN)
                w->unsettled[key] = 1;
        }
    }
    record_list moves = index_of_type(in->index, OPERATION_MOVE);
    for (size_t i = 0; i < moves.count; i++) {
        if (history_get(in->history, moves.records[i]).outcome != OUTCOME_UNKNOWN)
            continue;
        part_range parts = index_parts(in->index, moves.records[i]);
        for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
            history_record part = history_get(in->history, p);
            w->unsettled[part.key] = 1;
            w->unsettled[part.detail] = 1;
        }
    }
}

static const char *disagreement(const history_record *read, const history_record *entry)
{
    bool absent = (read->flags & FLAG_ABSENT) != 0;
    if (absent)
        return entry != NULL ? "is listed but cannot be found" : NULL;
    if (entry == NULL)
        return "is there but not listed";
    if (entry->version != 0 && read->version != 0 && entry->version != read->version)
        return "is listed with another version";
    bool whole = read->type == OPERATION_GET || read->type == OPERATION_HEAD;
    if (whole && entry->size != read->size)
        return "is listed with another size";
    return NULL;
}

static void judge_name(work *w, uint32_t listing, uint32_t key)
{
    record_list list = index_of_key(w->in->index, key);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (!(r.flags & FLAG_FINAL) || !reads_name(&r))
            continue;
        w->out->examined++;
        history_record entry = {0};
        if (w->entries[key] != 0)
            entry = history_get(w->in->history, w->entries[key] - 1);
        const char *what = disagreement(&r, w->entries[key] != 0 ? &entry : NULL);
        if (what == NULL || !finding_violate(w->out, r.finish, "'%.120s' %s",
                                             history_text(w->in->history, key), what))
            continue;
        evidence_show(w->in, w->out, list.records[i]);
        evidence_show(w->in, w->out, listing);
    }
}

static void judge_listing(work *w, uint32_t record)
{
    const judge_input *in = w->in;
    history_record r = history_get(in->history, record);
    if (r.outcome != OUTCOME_OK || !(r.flags & FLAG_FINAL))
        return;
    w->listings++;
    memset(w->entries, 0, ((size_t)index_key_count(in->index) + 1) * sizeof *w->entries);
    part_range parts = index_parts(in->index, record);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record part = history_get(in->history, p);
        if (w->entries[part.key] != 0 &&
            finding_violate(w->out, r.finish, "'%.120s' is listed twice",
                            history_text(in->history, part.key)))
            evidence_show(in, w->out, record);
        w->entries[part.key] = p + 1;
    }
    const char *prefix = history_text(in->history, r.key);
    size_t length = history_text_length(in->history, r.key);
    for (uint32_t key = 1; key <= index_key_count(in->index); key++)
        if (!w->unsettled[key] && strncmp(history_text(in->history, key), prefix, length) == 0)
            judge_name(w, record, key);
}

static void examine(const judge_input *in, judge_finding *out)
{
    size_t keys = (size_t)index_key_count(in->index) + 1;
    work w = {.in = in, .out = out};
    w.unsettled = memory_zeroed(keys, sizeof *w.unsettled);
    w.entries = memory_zeroed(keys, sizeof *w.entries);
    find_unsettled(&w);
    record_list lists = index_of_type(in->index, OPERATION_LIST);
    for (size_t i = 0; i < lists.count; i++)
        judge_listing(&w, lists.records[i]);
    free(w.unsettled);
    free(w.entries);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no name was both listed and read after the quiet period");
    else
        finding_hold(out, "%" PRIu64 " final reads agree with %" PRIu64 " final listings",
                     out->examined, w.listings);
}

const judge judge_list_agrees = {
    .name = "list-agrees",
    .definition = "After the quiet period a listing has each name that head and get find, once, "
                  "with its version and size, and no other.",
    .needs = "final listings and final reads of the names in them",
    .examine = examine,
};
