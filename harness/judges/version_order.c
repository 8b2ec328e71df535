/* version-order: version numbers of a name strictly increase, none is given twice, and asking for
 * version n or restoring n brings n's content.
 *
 * What moves and unknown writes brought is not known beforehand, but one version brings the same
 * content to everybody. Not a violation: concurrent writes numbered either way, gaps (unknown and
 * refused writes may use numbers up), unknown writes (nobody was told their number). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/changes.h"
#include "judges/evidence.h"

typedef struct {
    uint64_t invoke;
    uint64_t finish;
    uint32_t version;
    uint32_t record;
} numbered;

/* A version that was read, and nothing tells what it should bring. */
typedef struct {
    uint64_t version;
    uint64_t value;
    uint64_t finish;
    uint32_t record;
} sight;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    uint32_t key;
    numbered *writes; /* acknowledged, with a number, by version */
    size_t count;
    sight *sights;
    size_t sight_count;
    size_t sight_capacity;
} work;

static int by_version(const void *a, const void *b)
{
    uint32_t x = ((const numbered *)a)->version;
    uint32_t y = ((const numbered *)b)->version;
    return (x > y) - (x < y);
}

static void show_pair(work *w, uint64_t seen, const char *what, size_t one, size_t other)
{
    if (!finding_violate(w->out, seen, "'%.120s': %s", history_text(w->in->history, w->key), what))
        return;
    evidence_show(w->in, w->out, one);
    evidence_show(w->in, w->out, other);
}

/* By version, from the greatest down: none may have begun after one with a greater number ended. */
static void judge_order(work *w)
{
    const numbered *earliest = NULL; /* of those with a greater number, the one that ended first */
    for (size_t i = w->count; i-- > 0;) {
        const numbered *now = &w->writes[i];
        if (i + 1 < w->count && w->writes[i + 1].version == now->version)
            show_pair(w,
                      now->finish > w->writes[i + 1].finish ? now->finish : w->writes[i + 1].finish,
                      "one version number was given twice", w->writes[i + 1].record, now->record);
        else if (earliest != NULL && earliest->finish < now->invoke)
            show_pair(w, now->finish, "a later write got a smaller version number",
                      earliest->record, now->record);
        if (earliest == NULL || now->finish < earliest->finish)
            earliest = now;
    }
}

static const numbered *find_version(const work *w, uint64_t version)
{
    size_t low = 0;
    size_t high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->writes[middle].version < version)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->count && w->writes[low].version == version ? &w->writes[low] : NULL;
}

/* The value that a version holds, through restores of restores; 0: cannot be told. */
static uint64_t content_of(const work *w, uint64_t version)
{
    for (size_t steps = 0; steps <= w->count; steps++) {
        const numbered *made = find_version(w, version);
        if (made == NULL)
            return 0;
        history_record r = history_get(w->in->history, made->record);
        if (r.type == OPERATION_MOVE)
            return 0;
        if (r.type != OPERATION_RESTORE)
            return r.value;
        version = r.expected;
    }
    return 0;
}

static void add_sight(work *w, sight one)
{
    if (w->sight_count == w->sight_capacity) {
        w->sight_capacity = w->sight_capacity * 2 + 16;
        w->sights = memory_resize(w->sights, w->sight_capacity * sizeof *w->sights);
    }
    w->sights[w->sight_count++] = one;
}

static int compare_sights(const void *a, const void *b)
{
    const sight *x = a;
    const sight *y = b;
    if (x->version != y->version)
        return x->version > y->version ? 1 : -1;
    return (x->finish > y->finish) - (x->finish < y->finish);
}

static void judge_sights(work *w)
{
    if (w->sight_count > 0)
        qsort(w->sights, w->sight_count, sizeof *w->sights, compare_sights);
    for (size_t i = 1; i < w->sight_count; i++) {
        const sight *now = &w->sights[i];
        const sight *last = &w->sights[i - 1];
        if (now->version == last->version && now->value != last->value)
            show_pair(w, now->finish, "one version brought two contents", last->record,
                      now->record);
    }
}

static void judge_content(work *w, uint32_t record)
{
    history_record r = history_get(w->in->history, record);
    bool old = r.type == OPERATION_GET_VERSION;
    bool reads = old || r.type == OPERATION_GET || r.type == OPERATION_GET_RANGE;
    if (!reads || r.outcome != OUTCOME_OK || r.value == 0 || (r.flags & FLAG_ABSENT))
        return;
    uint64_t version = old ? r.expected : r.version;
    if (version == 0)
        return;
    w->out->examined++;
    uint64_t wanted = content_of(w, version);
    if (wanted == 0) {
        add_sight(w, (sight){version, r.value, r.finish, record});
        return;
    }
    if (wanted != r.value)
        show_pair(w, r.finish, "a version brought the content of another",
                  find_version(w, version)->record, record);
}

static void judge_rows(work *w, uint32_t record)
{
    history_record r = history_get(w->in->history, record);
    if (r.type != OPERATION_VERSIONS || r.outcome != OUTCOME_OK)
        return;
    part_range parts = index_parts(w->in->index, record);
    uint32_t last = UINT32_MAX;
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++) {
        history_record row = history_get(w->in->history, p);
        if (row.type != PART_VERSION)
            continue;
        w->out->examined++;
        if (row.version >= last &&
            finding_violate(w->out, r.finish,
                            "'%.120s': its version list names %" PRIu32 " after %" PRIu32,
                            history_text(w->in->history, r.key), row.version, last))
            evidence_show(w->in, w->out, record);
        last = row.version;
    }
}

static void judge_name(const judge_input *in, judge_finding *out, uint32_t key)
{
    work w = {.in = in, .out = out, .key = key};
    record_list list = index_of_key(in->index, key);
    change_list changes = changes_of_name(in, key);
    w.writes = memory_take((changes.count + 1) * sizeof *w.writes);
    for (size_t i = 0; i < changes.count; i++) {
        const change *c = &changes.all[i];
        if (c->finish != HISTORY_NEVER && c->version != 0)
            w.writes[w.count++] = (numbered){c->invoke, c->finish, c->version, c->record};
    }
    qsort(w.writes, w.count, sizeof *w.writes, by_version);
    out->examined += w.count;
    judge_order(&w);
    for (size_t i = 0; i < list.count; i++) {
        judge_content(&w, list.records[i]);
        judge_rows(&w, list.records[i]);
    }
    judge_sights(&w);
    changes_free(&changes);
    free(w.writes);
    free(w.sights);
}

static void examine(const judge_input *in, judge_finding *out)
{
    for (uint32_t key = 1; key <= index_key_count(in->index); key++)
        judge_name(in, out, key);
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "no write was told its version number");
    else
        finding_hold(out, "%" PRIu64 " version numbers and contents are in order", out->examined);
}

const judge judge_version_order = {
    .name = "version-order",
    .definition = "Version numbers of a name strictly increase in real time, none is given twice, "
                  "and version n or a restore of n brings n's content, to everybody the same.",
    .needs = "writes that are told their version number",
    .examine = examine,
};
