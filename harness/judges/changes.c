#include "judges/changes.h"

#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

/* Several requests may each have been the one that completed an upload: it happened in one of them.
 */
static void join_completions(change_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const change *now = &list->all[i];
        change *known = kept > 0 ? &list->all[kept - 1] : NULL;
        if (known == NULL || now->moved || known->moved || known->origin != now->origin) {
            list->all[kept++] = *now;
            continue;
        }
        if (now->invoke < known->invoke)
            known->invoke = now->invoke;
        if (now->finish != HISTORY_NEVER &&
            (known->finish == HISTORY_NEVER || now->finish > known->finish))
            known->finish = now->finish;
        if (known->version == 0)
            known->version = now->version;
    }
    list->count = kept;
}

static void add_own(const judge_input *in, change_list *list, uint32_t record)
{
    history_record r = history_get(in->history, record);
    if (!changes_name(&r) || r.outcome == OUTCOME_FAILED || (r.flags & FLAG_ABSENT))
        return;
    size_t origin =
        r.type == OPERATION_UPLOAD_PATCH ? index_writer(in->index, r.value) : (size_t)record;
    if (origin == SIZE_MAX)
        return;
    list->all[list->count++] = (change){
        .invoke = r.invoke,
        .finish = effect_until(&r),
        .record = record,
        .origin = (uint32_t)origin,
        .version = r.type == OPERATION_DELETE ? 0 : r.version,
        .removes = r.type == OPERATION_DELETE,
        .carries = r.type == OPERATION_RESTORE,
    };
}

outcome changes_of_pair(const history_record *move, const history_record *pair)
{
    if (move->flags & FLAG_ATOMIC)
        return move->outcome;
    if (pair->status >= 400)
        return pair->status < 500 ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
    if (pair->status >= 200)
        return OUTCOME_OK;
    return move->outcome;
}

static void add_move(const judge_input *in, change_list *list, const moved_name *moved)
{
    history_record move = history_get(in->history, moved->move);
    history_record pair = history_get(in->history, moved->part);
    outcome how = changes_of_pair(&move, &pair);
    if (how == OUTCOME_FAILED || pair.key == pair.detail)
        return;
    list->all[list->count++] = (change){
        .invoke = move.invoke,
        .finish = how == OUTCOME_UNKNOWN ? HISTORY_NEVER : move.finish,
        .record = moved->move,
        .origin = moved->move,
        .part = moved->part,
        .moved = true,
        .version = moved->source ? 0 : pair.version,
        .removes = moved->source,
        .carries = !moved->source,
    };
}

static int by_origin(const void *a, const void *b)
{
    const change *x = a;
    const change *y = b;
    if (x->origin != y->origin)
        return x->origin > y->origin ? 1 : -1;
    return (x->record > y->record) - (x->record < y->record);
}

static int compare_versions(const void *a, const void *b, void *all)
{
    const change *x = (const change *)all + *(const uint32_t *)a;
    const change *y = (const change *)all + *(const uint32_t *)b;
    return (x->version > y->version) - (x->version < y->version);
}

static void order_versions(change_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->carried += list->all[i].carries;
        list->carried_untold += list->all[i].carries && list->all[i].version == 0;
    }
    if (list->carried == 0)
        return;
    list->by_version = memory_take(list->count * sizeof *list->by_version);
    for (uint32_t i = 0; i < list->count; i++)
        if (list->all[i].version != 0)
            list->by_version[list->version_count++] = i;
    qsort_r(list->by_version, list->version_count, sizeof *list->by_version, compare_versions,
            list->all);
}

static int by_invoke(const void *a, const void *b)
{
    uint64_t x = ((const removal *)a)->invoke;
    uint64_t y = ((const removal *)b)->invoke;
    return (x > y) - (x < y);
}

static void order_removals(change_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->all[i].removes;
    if (count == 0)
        return;
    list->removals = memory_take(count * sizeof *list->removals);
    for (size_t i = 0; i < list->count; i++)
        if (list->all[i].removes)
            list->removals[list->removal_count++] =
                (removal){list->all[i].invoke, list->all[i].finish};
    qsort(list->removals, count, sizeof *list->removals, by_invoke);
    for (size_t i = 1; i < count; i++)
        if (list->removals[i - 1].latest > list->removals[i].latest)
            list->removals[i].latest = list->removals[i - 1].latest;
}

static size_t count_changes(const judge_input *in, record_list operations)
{
    size_t count = 0;
    for (size_t i = 0; i < operations.count; i++) {
        history_record r = history_get(in->history, operations.records[i]);
        count += changes_name(&r);
    }
    return count;
}

change_list changes_of_name(const judge_input *in, uint32_t key)
{
    record_list operations = index_of_key(in->index, key);
    moved_list moves = index_moves_of_key(in->index, key);
    change_list list = {0};
    size_t most = count_changes(in, operations) + moves.count;
    list.all = memory_take((most + 1) * sizeof *list.all);
    for (size_t i = 0; i < operations.count; i++)
        add_own(in, &list, operations.records[i]);
    for (size_t i = 0; i < moves.count; i++)
        add_move(in, &list, &moves.entries[i]);
    bool ordered = true;
    for (size_t i = 1; i < list.count && ordered; i++)
        ordered = list.all[i - 1].origin < list.all[i].origin;
    if (!ordered) {
        qsort(list.all, list.count, sizeof *list.all, by_origin);
        join_completions(&list);
    }
    order_versions(&list);
    order_removals(&list);
    return list;
}

void changes_free(change_list *list)
{
    free(list->all);
    free(list->by_version);
    free(list->removals);
    *list = (change_list){0};
}

size_t changes_writing(const judge_input *in, const change_list *list, uint64_t value)
{
    size_t origin = value != 0 ? index_writer(in->index, value) : SIZE_MAX;
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->all[middle].origin < origin)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == list->count || list->all[low].origin != origin)
        return NO_CHANGE;
    return list->all[low].removes || list->all[low].carries ? NO_CHANGE : low;
}

static size_t with_version(const change_list *list, uint32_t version)
{
    size_t low = 0;
    size_t high = list->version_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->all[list->by_version[middle]].version < version)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < list->version_count && list->all[list->by_version[low]].version == version;
    return found ? list->by_version[low] : NO_CHANGE;
}

static size_t only_carrier(const change_list *list, bool untold)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->all[i].carries && (!untold || list->all[i].version == 0))
            return i;
    return NO_CHANGE;
}

size_t changes_shown(const judge_input *in, const change_list *list, uint64_t value,
                     uint32_t version)
{
    size_t writer = changes_writing(in, list, value);
    if (list->carried == 0)
        return writer;
    size_t numbered = version != 0 ? with_version(list, version) : NO_CHANGE;
    if (numbered != NO_CHANGE)
        return numbered;
    /* Only a change whose number nobody was told can have made this version. */
    bool untold = version != 0;
    if (untold && writer != NO_CHANGE && list->all[writer].version != 0)
        writer = NO_CHANGE;
    size_t carriers = untold ? list->carried_untold : list->carried;
    if (carriers == 0)
        return writer;
    return carriers == 1 && writer == NO_CHANGE ? only_carrier(list, untold) : NO_CHANGE;
}

bool changes_may_remove(const change_list *list, uint64_t from, uint64_t to)
{
    size_t low = 0;
    size_t high = list->removal_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->removals[middle].invoke <= to)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && list->removals[low - 1].latest >= from;
}
