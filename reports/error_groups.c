#include "reports/error_groups.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"
#include "engine/trace.h"
#include "history/operations.h"
#include "history/telling.h"

#define KINDS (FAILURE_INTERRUPTED + 1)

static error_group *find_group(error_groups *g, const history_record *r)
{
    for (size_t i = 0; i < g->count; i++) {
        error_group *group = &g->groups[i];
        if (group->type == r->type && group->failure == r->failure && group->status == r->status &&
            group->detail == r->detail)
            return group;
    }
    if (g->count == ERROR_GROUPS_MOST)
        return NULL;
    error_group *new = &g->groups[g->count++];
    *new = (error_group){.type = r->type,
                         .failure = r->failure,
                         .status = r->status,
                         .detail = r->detail,
                         .first = r->invoke};
    return new;
}

static void take(error_groups *g, const history_record *r, size_t index, size_t samples)
{
    g->operations++;
    if (r->outcome == OUTCOME_OK)
        return;
    g->bad++;
    error_group *group = find_group(g, r);
    if (group == NULL) {
        g->others++;
        return;
    }
    group->count++;
    group->unknown += r->outcome == OUTCOME_UNKNOWN;
    group->last = r->invoke;
    if (group->sample_count < samples)
        group->samples[group->sample_count++] = index;
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = ((const error_group *)a)->count;
    uint64_t y = ((const error_group *)b)->count;
    return (x < y) - (x > y);
}

error_groups *error_groups_gather(const history *h, size_t samples)
{
    error_groups *g = memory_zeroed(1, sizeof *g);
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        if (r.kind == RECORD_OPERATION)
            take(g, &r, i, samples < ERROR_SAMPLES_MOST ? samples : ERROR_SAMPLES_MOST);
    }
    qsort(g->groups, g->count, sizeof g->groups[0], by_count);
    return g;
}

/* --- for people --- */

static void print_totals(const error_groups *g, buffer *out)
{
    uint64_t kinds[KINDS] = {0};
    uint64_t types[OPERATION_COUNT] = {0};
    for (size_t i = 0; i < g->count; i++) {
        kinds[g->groups[i].failure < KINDS ? g->groups[i].failure : 0] += g->groups[i].count;
        types[g->groups[i].type] += g->groups[i].count;
    }
    buffer_text_append(out, "\nby kind\n");
    for (unsigned i = 0; i < KINDS; i++)
        if (kinds[i] > 0)
            buffer_printf(out, "  %10" PRIu64 "  %s\n", kinds[i], failure_name(i));
    buffer_text_append(out, "\nby endpoint\n");
    for (unsigned i = 1; i < OPERATION_COUNT; i++)
        if (types[i] > 0)
            buffer_printf(out, "  %10" PRIu64 "  %s\n", types[i], operation_row_of(i)->name);
}

static void print_group(const error_group *group, const history *h, uint64_t seed, buffer *out)
{
    char first[32];
    char last[32];
    char trace[33];
    buffer_printf(out, "\n  %10" PRIu64 "  %s %s", group->count,
                  operation_row_of(group->type)->name, failure_name(group->failure));
    if (group->status != 0)
        buffer_printf(out, " %u", group->status);
    if (group->detail != 0)
        buffer_printf(out, " (%.100s)", history_text(h, group->detail));
    buffer_printf(out, ", from %s to %s", units_show_duration(group->first, first),
                  units_show_duration(group->last, last));
    if (group->unknown > 0)
        buffer_printf(out, ", outcome of %" PRIu64 " unknown", group->unknown);
    buffer_text_append(out, "\n");
    for (size_t i = 0; i < group->sample_count; i++) {
        history_record r = history_get(h, group->samples[i]);
        buffer_text_append(out, "              ");
        history_tell(h, group->samples[i], out);
        buffer_printf(out, "\n              trace %s\n",
                      trace_id(seed, r.client, r.sequence, trace));
    }
}

void error_groups_print(const error_groups *g, const history *h, uint64_t seed, buffer *out)
{
    double part = g->operations > 0 ? 100 * (double)g->bad / (double)g->operations : 0;
    buffer_printf(out, "%" PRIu64 " of %" PRIu64 " operations were not ok (%.2f %%)\n", g->bad,
                  g->operations, part);
    if (g->bad == 0)
        return;
    print_totals(g, out);
    buffer_text_append(out,
                       "\nby endpoint, kind, status and the answer's code; the first of each\n");
    for (size_t i = 0; i < g->count; i++)
        print_group(&g->groups[i], h, seed, out);
    if (g->others > 0)
        buffer_printf(out, "\n  %10" PRIu64 "  others\n", g->others);
}

/* --- for programs --- */

static void write_samples(const error_group *group, const history *h, uint64_t seed, json_writer *w)
{
    char trace[33];
    writer_key(w, "samples");
    writer_array(w);
    for (size_t i = 0; i < group->sample_count; i++) {
        history_record r = history_get(h, group->samples[i]);
        writer_object(w);
        writer_put_whole(w, "client", r.client);
        writer_put_whole(w, "sequence", r.sequence);
        if (r.key != 0)
            writer_put_text(w, "key", history_text(h, r.key));
        writer_put_whole(w, "at_ns", r.invoke);
        writer_put_text(w, "trace", trace_id(seed, r.client, r.sequence, trace));
        writer_object_end(w);
    }
    writer_array_end(w);
}

void error_groups_write(const error_groups *g, const history *h, uint64_t seed, json_writer *w)
{
    writer_object(w);
    writer_put_whole(w, "schema", 1);
    writer_put_whole(w, "operations", g->operations);
    writer_put_whole(w, "not_ok", g->bad);
    writer_put_whole(w, "others", g->others);
    writer_key(w, "groups");
    writer_array(w);
    for (size_t i = 0; i < g->count; i++) {
        const error_group *group = &g->groups[i];
        writer_object(w);
        writer_put_text(w, "endpoint", operation_row_of(group->type)->name);
        writer_put_text(w, "kind", failure_name(group->failure));
        writer_put_whole(w, "status", group->status);
        if (group->detail != 0)
            writer_put_text(w, "code", history_text(h, group->detail));
        writer_put_whole(w, "count", group->count);
        writer_put_whole(w, "unknown", group->unknown);
        writer_put_whole(w, "first_ns", group->first);
        writer_put_whole(w, "last_ns", group->last);
        write_samples(group, h, seed, w);
        writer_object_end(w);
    }
    writer_array_end(w);
    writer_object_end(w);
}
