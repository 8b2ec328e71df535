#include "live/metrics.h"

#include <inttypes.h>

#include "base/exposition.h"
#include "base/timing.h"
#include "history/operations.h"

static void put_one(buffer *out, const char *name, const char *type, const char *help,
                    uint64_t value)
{
    exposition_describe(out, name, type, help);
    buffer_printf(out, "ordeal_%s %" PRIu64 "\n", name, value);
}

static double seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / (double)NANOSECONDS_PER_SECOND;
}

static void put_latency(const counters_snapshot *c, buffer *out)
{
    uint64_t below = 0;
    exposition_describe(out, "latency_seconds", "histogram",
                        "Latency of operations, from their intended start.");
    for (unsigned i = 0; i < COUNTERS_BUCKETS - 1; i++) {
        below += c->buckets[i];
        buffer_printf(out, "ordeal_latency_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                      seconds(counters_edges[i]), below);
    }
    below += c->buckets[COUNTERS_BUCKETS - 1];
    /* Both from the buckets: an operation that is counted meanwhile must not tear them apart. */
    buffer_printf(out,
                  "ordeal_latency_seconds_bucket{le=\"+Inf\"} %" PRIu64
                  "\nordeal_latency_seconds_sum %.9g\nordeal_latency_seconds_count %" PRIu64 "\n",
                  below, seconds(c->latency), below);
}

static void put_failures(const counters_snapshot *c, buffer *out)
{
    exposition_describe(out, "failures_total", "counter", "Operations that were not ok, by kind.");
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        if (i != FAILURE_NONE || c->failures[i] > 0)
            buffer_printf(out, "ordeal_failures_total{kind=\"%s\"} %" PRIu64 "\n", failure_name(i),
                          c->failures[i]);
}

static void put_invariants(const live_state *state, buffer *out)
{
    exposition_describe(
        out, "invariant_broken_total", "counter",
        "Times that an invariant was seen broken; the others are judged at the end.");
    for (size_t i = 0; i < state->invariant_count; i++) {
        if (!state->invariants[i].watched)
            continue;
        buffer_text_append(out, "ordeal_invariant_broken_total{");
        exposition_label(out, "invariant", state->invariants[i].name);
        buffer_printf(out, "} %" PRIu64 "\n", state->invariants[i].broken);
    }
}

static void put_faults(const live_state *state, buffer *out)
{
    uint64_t active = state->faults[0] != '\0' ? 1 : 0;
    for (const char *at = state->faults; *at != '\0'; at++)
        active += *at == ',' ? 1 : 0;
    put_one(out, "faults_active", "gauge", "Faults that are active now.", active);
}

static void put_run(const live_state *state, buffer *out)
{
    exposition_describe(out, "run_info", "gauge", "The run and its phase.");
    buffer_text_append(out, "ordeal_run_info{");
    exposition_label(out, "scenario", state->scenario);
    buffer_text_append(out, ",");
    exposition_label(out, "phase", state->phase);
    buffer_printf(out, ",seed=\"%" PRIu64 "\"} 1\n", state->seed);
    if (!state->timed)
        return;
    exposition_describe(out, "phase_elapsed_seconds", "gauge", "Time since the phase began.");
    buffer_printf(out, "ordeal_phase_elapsed_seconds %.3f\n", seconds(state->elapsed));
    exposition_describe(out, "phase_length_seconds", "gauge", "The most that the phase may take.");
    buffer_printf(out, "ordeal_phase_length_seconds %.3f\n", seconds(state->length));
}

void metrics_write(const live_state *state, buffer *out)
{
    const counters_snapshot *c = &state->counted;
    put_run(state, out);
    put_one(out, "operations_total", "counter", "Operations ended.", c->done);
    put_one(out, "operations_not_ok_total", "counter", "Of these, not ok.", c->failed);
    put_failures(c, out);
    put_latency(c, out);
    put_one(out, "dropped_arrivals_total", "counter", "Arrivals that were due and not made.",
            c->dropped);
    put_one(out, "sessions", "gauge", "Virtual clients at work.", c->clients);
    put_faults(state, out);
    put_one(out, "target_resident_bytes", "gauge", "Memory of the target's processes.",
            state->target_resident);
    put_one(out, "own_resident_bytes", "gauge", "Memory of ordeal itself.", state->own_resident);
    put_invariants(state, out);
}
