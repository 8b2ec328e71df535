/* full-disk: a full disk takes away what adds to it, and nothing else; and only a full disk is
 * called one.
 *
 * Windows are those of the faults that fill the disk. In each, of the deletes that lie within it
 * some must be done, for they are what makes room, and nothing may be answered 500; what fails
 * while another fault is on too counts for neither. 507 outside of all of them is a lie. Not a
 * violation: deletes that fail once others were done; reads of what the fault before left
 * unreadable. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "1s", "after the fault's end, in which 507 is still excused",
     NULL},
    {"least", PARAMETER_WHOLE, "3", "deletes that must have been asked to judge a window", NULL},
};
enum { GRACE, LEAST };

typedef struct {
    const judge_input *in;
    judge_finding *out;
    fault_windows full;
    fault_windows others;
    uint64_t refused;
    uint64_t deleted;
} work;

static bool fills(const char *fault)
{
    static const char *const names[] = {"disk-full", "disk-full-real", "quota"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(fault, names[i]) == 0)
            return true;
    return false;
}

static bool fills_not(const char *fault)
{
    return !fills(fault);
}

static bool is_operation(const history_record *r)
{
    return r->kind == RECORD_OPERATION && r->finish != HISTORY_NEVER &&
           r->type != OPERATION_GARBAGE && r->type != OPERATION_READY;
}

static void judge_status(work *w, size_t record, const history_record *r)
{
    const char *name = history_text(w->in->history, r->key);
    if (r->status == 507) {
        w->refused++;
        if (!fault_windows_touch(&w->full, r->invoke, r->finish) &&
            finding_violate(w->out, r->finish, "'%.120s' was refused for a full disk, which is not",
                            name))
            evidence_show(w->in, w->out, record);
    }
    uint64_t grace = w->in->values[GRACE].number;
    bool in_one = false;
    for (size_t i = 0; i < w->full.count; i++)
        in_one = in_one || (r->invoke >= w->full.windows[i].begin &&
                            r->finish + grace <= w->full.windows[i].end);
    if (r->status == 500 && in_one && !fault_windows_touch(&w->others, r->invoke, r->finish) &&
        finding_violate(w->out, r->finish, "on a full disk '%.120s' was answered 500", name))
        evidence_show(w->in, w->out, record);
}

/* Who deletes what is not there changes nothing on the disk. */
static void judge_deletes(work *w, const fault_window *window)
{
    uint64_t grace = w->in->values[GRACE].number;
    uint64_t done = 0;
    uint64_t failed = 0;
    size_t last = SIZE_MAX;
    record_list list = index_of_type(w->in->index, OPERATION_DELETE);
    for (size_t i = 0; i < list.count; i++) {
        history_record r = history_get(w->in->history, list.records[i]);
        if (r.finish == HISTORY_NEVER || r.invoke < window->begin ||
            r.finish + grace > window->end || r.status == 404)
            continue;
        bool was_done = r.outcome == OUTCOME_OK;
        /* What fails under another fault too may fail because of that. */
        if (!was_done && fault_windows_touch(&w->others, r.invoke, r.finish))
            continue;
        done += was_done;
        failed += !was_done;
        last = was_done ? last : list.records[i];
    }
    w->out->examined += done + failed;
    w->deleted += done;
    if (done > 0 || failed < w->in->values[LEAST].number)
        return;
    history_record r = history_get(w->in->history, last);
    if (finding_violate(w->out, r.finish,
                        "of %" PRIu64 " deletes on a full disk none was done: nobody can make room",
                        failed))
        evidence_show(w->in, w->out, last);
}

static void examine(const judge_input *in, judge_finding *out)
{
    uint64_t grace = in->values[GRACE].number;
    work w = {.in = in,
              .out = out,
              .full = fault_windows_named(in, grace, fills),
              .others = fault_windows_named(in, grace, fills_not)};
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (is_operation(&r))
            judge_status(&w, i, &r);
    }
    for (size_t i = 0; i < w.full.count; i++)
        judge_deletes(&w, &w.full.windows[i]);
    if (out->violations == 0 && (w.full.count == 0 || w.refused == 0))
        finding_doubt(out, "no disk was full, or nobody felt it");
    else if (out->violations == 0)
        finding_hold(out,
                     "%" PRIu64 " operations were refused while the disk was full, and %" PRIu64
                     " of %" PRIu64 " deletes were done",
                     w.refused, w.deleted, out->examined);
    free(w.full.windows);
    free(w.others.windows);
}

const judge judge_full_disk = {
    .name = "full-disk",
    .definition = "While the disk is full deletes are still done, and what cannot be stored is "
                  "refused with 507 and not with 500; while it is not, nobody is told that it is.",
    .needs = "a fault that fills the disk, and writes that feel it",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
