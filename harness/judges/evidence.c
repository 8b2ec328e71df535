#include "judges/evidence.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "history/operations.h"

static const char *saw(const history_record *r, char text[64])
{
    bool writes = operation_row_of(r->type)->writes;
    if (r->flags & FLAG_ABSENT)
        return ", found nothing";
    if (r->value == 0 || (writes && r->value == value_of(r->client, r->sequence)))
        return "";
    snprintf(text, 64, ", %s %" PRIu32 "/%" PRIu32, writes ? "of" : "saw",
             (uint32_t)(r->value >> 32), (uint32_t)r->value);
    return text;
}

/* A batch of moves has no name of its own: its first pair stands for it. */
static const char *name_of(const judge_input *in, size_t record, const history_record *r,
                           char text[128])
{
    part_range parts =
        r->type == OPERATION_MOVE ? index_parts(in->index, (uint32_t)record) : (part_range){0};
    history_record pair = {0};
    for (uint32_t p = parts.first; p < parts.first + parts.count && pair.type != PART_MOVE; p++)
        pair = history_get(in->history, p);
    if (pair.type != PART_MOVE)
        return history_text(in->history, r->key);
    snprintf(text, 128, "%.50s' to '%.50s", history_text(in->history, pair.key),
             history_text(in->history, pair.detail));
    return text;
}

void evidence_show(const judge_input *in, judge_finding *out, size_t record)
{
    history_record r = history_get(in->history, record);
    char begin[32], end[32], value[64], name[128], version[32] = "";
    if (r.version != 0)
        snprintf(version, sizeof version, ", version %" PRIu32, r.version);
    const char *until = r.finish == HISTORY_NEVER || r.outcome == OUTCOME_UNKNOWN
                            ? "?"
                            : units_show_duration(r.finish, end);
    finding_line(out, "%s .. %s  %s %" PRIu32 "/%" PRIu32 " '%.110s' %s%s%s",
                 units_show_duration(r.invoke, begin), until, operation_row_of(r.type)->name,
                 r.client, r.sequence, name_of(in, record, &r, name), outcome_name(r.outcome),
                 saw(&r, value), version);
    finding_record(out, record);
}

bool changes_name(const history_record *r)
{
    return r->type == OPERATION_PUT || r->type == OPERATION_DELETE ||
           r->type == OPERATION_RESTORE ||
           (r->type == OPERATION_UPLOAD_PATCH && (r->flags & FLAG_COMPLETES));
}

bool reads_name(const history_record *r)
{
    return (r->type == OPERATION_GET || r->type == OPERATION_GET_RANGE ||
            r->type == OPERATION_HEAD) &&
           r->outcome == OUTCOME_OK;
}

uint64_t effect_until(const history_record *r)
{
    return r->outcome == OUTCOME_UNKNOWN ? HISTORY_NEVER : r->finish;
}

bool has_operation(const judge_input *in, record_list list, unsigned type)
{
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(in->history, list.records[i]);
        if (r.type == type && r.outcome != OUTCOME_FAILED)
            return true;
    }
    return false;
}

bool may_act_between(const history_record *r, uint64_t from, uint64_t to)
{
    return r->outcome != OUTCOME_FAILED && r->invoke <= to && effect_until(r) >= from;
}
