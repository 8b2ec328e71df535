/* counts-agree: the target's own counters at the end of a run are what clients recorded, exactly.
 *
 * Each EVENT_COUNTED says how often the target gave one status on one of its routes, and which
 * operations use it. Not proven: when the target was started again (it counts anew), or when some
 * operation had no answer (the target may have counted it or not). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judges/evidence.h"

#define STATUSES    600
#define ROUTES_MOST 64

typedef struct {
    uint64_t operations; /* bits 1 << operation_type */
    uint32_t name;       /* for people */
    uint64_t counted[STATUSES];
    uint64_t recorded[STATUSES];
} route;

typedef struct {
    const judge_input *in;
    judge_finding *out;
    route *routes;
    size_t count;
    uint64_t unanswered;
    uint64_t starts;
} work;

static route *route_of(work *w, uint64_t operations, uint32_t name)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->routes[i].operations == operations)
            return &w->routes[i];
    if (w->count == ROUTES_MOST)
        return NULL;
    w->routes[w->count] = (route){.operations = operations, .name = name};
    return &w->routes[w->count++];
}

static void read_counters(work *w)
{
    record_list events = index_events(w->in->index);
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(w->in->history, events.records[i]);
        w->starts += r.type == EVENT_TARGET_START;
        route *to = r.type == EVENT_COUNTED && r.expected != 0 && r.status < STATUSES
                        ? route_of(w, r.expected, r.detail)
                        : NULL;
        if (to != NULL)
            to->counted[r.status] += r.value;
    }
}

static void count_operation(work *w, const history_record *r)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!(w->routes[i].operations >> r->type & 1))
            continue;
        bool answered = r->failure != FAILURE_CONNECT && r->status > 0 && r->status < STATUSES;
        /* A listing is one request a page. */
        uint64_t requests = r->type == OPERATION_LIST && r->expected > 0 ? r->expected : 1;
        w->unanswered += !answered && r->failure != FAILURE_CONNECT;
        if (answered)
            w->routes[i].recorded[r->status] += requests;
        return;
    }
}

static void compare(work *w, const route *one)
{
    for (unsigned status = 1; status < STATUSES; status++) {
        uint64_t counted = one->counted[status];
        uint64_t recorded = one->recorded[status];
        w->out->examined += recorded;
        if (counted == recorded)
            continue;
        finding_violate(w->out, HISTORY_NEVER,
                        "the target counted %" PRIu64 " answers %u on %.100s, clients recorded "
                        "%" PRIu64,
                        counted, status, history_text(w->in->history, one->name), recorded);
        finding_step(w->out, HISTORY_NEVER, EVIDENCE_NO_RECORD,
                     "%.100s status %u: counted %" PRIu64 ", recorded %" PRIu64,
                     history_text(w->in->history, one->name), status, counted, recorded);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {.in = in, .out = out};
    w.routes = memory_zeroed(ROUTES_MOST, sizeof *w.routes);
    read_counters(&w);
    for (size_t i = 0; i < history_count(in->history); i++) {
        history_record r = history_get(in->history, i);
        if (r.kind == RECORD_OPERATION)
            count_operation(&w, &r);
    }
    if (w.count == 0)
        finding_doubt(out, "the target told no counters");
    else if (w.starts != 1)
        finding_doubt(out, "the target was started %" PRIu64 " times, and counts anew each time",
                      w.starts);
    else if (w.unanswered > 0)
        finding_doubt(out, "%" PRIu64 " operations had no answer; the target may have counted them",
                      w.unanswered);
    bool comparable = out->sentence[0] == '\0';
    for (size_t i = 0; i < w.count && comparable; i++)
        compare(&w, &w.routes[i]);
    if (comparable && out->violations == 0)
        finding_hold(out, "the target counted the %" PRIu64 " answers of %zu routes, and no others",
                     out->examined, w.count);
    free(w.routes);
}

const judge judge_counts_agree = {
    .name = "counts-agree",
    .definition = "At the end of a run without faults the target's own counters of answers equal "
                  "those that clients recorded, by route and status.",
    .needs = "a target that counts answers and is started once; an answer to every operation",
    .examine = examine,
};
