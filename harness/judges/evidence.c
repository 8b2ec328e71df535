#include "judges/evidence.h"

#include "base/timing.h"
#include "history/telling.h"

void evidence_show(const judge_input *in, judge_finding *out, size_t record)
{
    buffer line = {0};
    for (size_t i = 0; i < out->step_count; i++)
        if (out->steps[i].record == record)
            return;
    history_tell(in->history, record, &line);
    finding_step(out, history_get(in->history, record).invoke, record, "%s", buffer_text(&line));
    buffer_free(&line);
}

void evidence_show_sent(const judge_input *in, judge_finding *out, size_t record)
{
    part_range parts = index_parts(in->index, (uint32_t)record);
    for (uint32_t p = parts.first; p < parts.first + parts.count; p++)
        if (history_get(in->history, p).type == PART_SENT)
            evidence_show(in, out, p);
}

double evidence_seconds(uint64_t at)
{
    return (double)at / (double)NANOSECONDS_PER_SECOND;
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
