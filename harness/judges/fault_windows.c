#include "judges/fault_windows.h"

#include "base/arena.h"

fault_windows fault_windows_named(const judge_input *in, uint64_t grace,
                                  bool (*wanted)(const char *fault))
{
    record_list faults = index_faults(in->index);
    size_t most = faults.count + index_events(in->index).count + 1;
    fault_windows f = {.windows = memory_take(most * sizeof *f.windows)};
    for (size_t i = 0; i < faults.count; i++) {
        history_record r = history_get(in->history, faults.records[i]);
        if (r.type != FAULT_RECORD_BEGIN || !wanted(history_text(in->history, r.key)))
            continue;
        uint64_t end = HISTORY_NEVER;
        for (size_t k = i + 1; k < faults.count && end == HISTORY_NEVER; k++) {
            history_record later = history_get(in->history, faults.records[k]);
            if (later.type == FAULT_RECORD_END && later.expected == r.expected)
                end = later.finish + grace;
        }
        f.windows[f.count++] = (fault_window){r.invoke, end};
    }
    return f;
}

static bool any(const char *fault)
{
    (void)fault;
    return true;
}

fault_windows fault_windows_find(const judge_input *in, uint64_t grace)
{
    record_list events = index_events(in->index);
    fault_windows f = fault_windows_named(in, grace, any);
    /* A target that is down is one as well, whoever ended it, until it is ready again. */
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(in->history, events.records[i]);
        uint64_t end = HISTORY_NEVER;
        bool again = false;
        for (size_t k = i + 1; k < events.count && end == HISTORY_NEVER; k++) {
            history_record later = history_get(in->history, events.records[k]);
            again = again || later.type == EVENT_TARGET_START;
            if (later.type == EVENT_TARGET_READY)
                end = later.finish + grace;
        }
        bool planned_end = r.status == 1 && !again && end == HISTORY_NEVER;
        if (r.type == EVENT_TARGET_EXIT && !planned_end)
            f.windows[f.count++] = (fault_window){r.invoke, end};
    }
    return f;
}

bool fault_windows_touch(const fault_windows *f, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->windows[i].begin <= to && f->windows[i].end >= from)
            return true;
    return false;
}
