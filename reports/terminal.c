#include <inttypes.h>

#include "base/timing.h"
#include "base/units.h"
#include "reports/evidence_steps.h"
#include "reports/report.h"
#include "reports/reproduction.h"
#include "reports/show.h"

#define EVIDENCE_LINES 10

typedef struct {
    const char *good;
    const char *bad;
    const char *doubt;
    const char *strong;
    const char *off;
} palette;

static const palette plain = {"", "", "", "", ""};
static const palette coloured = {"\033[32m", "\033[31m", "\033[33m", "\033[1m", "\033[0m"};

static void tell_operations(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char p50[32], p99[32], corrected[32];
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *one = &v->figures[type];
        if (one->ok + one->failed + one->unknown == 0)
            continue;
        buffer_printf(out, "  %-14s %8" PRIu64 " ok  %6" PRIu64 " failed  %6" PRIu64 " unknown",
                      operation_row_of(type)->name, one->ok, one->failed, one->unknown);
        if (one->latency.count > 0)
            buffer_printf(
                out, "   p50 %s  p99.9 %s  corrected p99.9 %s",
                units_show_duration(histogram_percentile(&one->latency, 50), p50),
                units_show_duration(histogram_percentile(&one->latency, 99.9), p99),
                units_show_duration(histogram_percentile(&one->corrected, 99.9), corrected));
        buffer_text_append(out, "\n");
    }
    if (v->dropped > 0)
        buffer_printf(
            out,
            "  %" PRIu64
            " arrivals were dropped: due, but not begun within 5 s or before the load ended\n",
            v->dropped);
    if (f->series->in_flight > 0)
        buffer_printf(out, "  %" PRIu64 " operations were in flight when the run ended\n",
                      f->series->in_flight);
}

static void tell_evidence(const facts *f, const judge_finding *finding, buffer *out)
{
    evidence_tell(f, finding, "      ", EVIDENCE_LINES, out);
    if (finding->violations > 1)
        buffer_printf(out, "      %" PRIu64 " violations in all; this one was seen first\n",
                      finding->violations);
}

static void tell_invariants(const facts *f, const palette *p, buffer *out)
{
    const verdict *v = f->verdict;
    for (size_t i = 0; i < v->invariant_count; i++) {
        const verdict_invariant *n = &v->invariants[i];
        bool holds = n->finding.answer == ANSWER_HOLDS;
        bool violated = n->finding.answer == ANSWER_VIOLATED;
        buffer_printf(out, "  %s%s%s %-16s %s\n",
                      holds      ? p->good
                      : violated ? p->bad
                                 : p->doubt,
                      holds      ? "\xe2\x9c\x93"
                      : violated ? "\xe2\x9c\x97"
                                 : "?",
                      p->off, n->judge->name, n->finding.sentence);
        if (violated)
            tell_evidence(f, &n->finding, out);
    }
}

static void tell_thresholds(const verdict *v, const palette *p, buffer *out)
{
    char value[32];
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        const verdict_threshold *t = &v->thresholds[i];
        buffer_printf(out, "  %s%s%s %s: %s\n", t->holds ? p->good : p->bad,
                      t->holds ? "\xe2\x9c\x93" : "\xe2\x9c\x97", p->off, t->threshold->text,
                      show_threshold_value(t, value));
    }
}

static void tell_errors(const verdict *v, buffer *out)
{
    for (size_t i = 0; i < v->failure_count && i < 5; i++) {
        const failure_row *f = &v->failures[i];
        buffer_printf(out, "  %8" PRIu64 " x %s %s", f->count, operation_row_of(f->type)->name,
                      failure_name(f->failure));
        if (f->status != 0)
            buffer_printf(out, " %u", f->status);
        buffer_text_append(out, "\n");
    }
}

static void tell_own_memory(const verdict *v, buffer *out)
{
    char before[32], most[32], last[32], bound[32];
    if (v->own_bound == 0)
        return;
    buffer_printf(out, "  ordeal itself: %s before the load, %s at most, %s at last; bound %s%s\n",
                  units_show_size(v->own_before, before), units_show_size(v->own_most, most),
                  units_show_size(v->own_last, last), units_show_size(v->own_bound, bound),
                  v->own_most > v->own_bound ? ", not kept: a defect of ordeal" : "");
}

/* The first violation that one request shows. */
static void tell_request(const facts *f, buffer *out)
{
    for (size_t i = 0; i < f->verdict->invariant_count; i++) {
        buffer line = {0};
        bool enough = reproduction_curl(f, &f->verdict->invariants[i].finding, &line);
        if (enough)
            buffer_printf(out, "ask:     %s\n", buffer_text(&line));
        buffer_free(&line);
        if (enough)
            return;
    }
}

void reports_invariants(const facts *f, bool colours, buffer *out)
{
    tell_invariants(f, colours ? &coloured : &plain, out);
}

void reports_terminal(const facts *f, bool colours, buffer *out)
{
    const verdict *v = f->verdict;
    const palette *p = colours ? &coloured : &plain;
    const char *colour = v->kind == VERDICT_PASS   ? p->good
                         : v->kind == VERDICT_FAIL ? p->bad
                                                   : p->doubt;
    char length[32], memory[32];
    buffer_printf(out,
                  "\n%s, seed %" PRIu64 ", target %s: %" PRIu64
                  " operations in %s, target memory at most %s\n",
                  v->scenario->name, v->scenario->seed, v->scenario->target.name, v->operations,
                  units_show_duration(v->load_end - v->load_begin, length),
                  units_show_size(v->resident_most, memory));
    tell_operations(f, out);
    tell_own_memory(v, out);
    if (v->failure_count > 0)
        buffer_text_append(out, "not ok, most frequent first\n");
    tell_errors(v, out);
    buffer_text_append(out, "invariants\n");
    tell_invariants(f, p, out);
    if (v->scenario->threshold_count > 0)
        buffer_text_append(out, "thresholds\n");
    tell_thresholds(v, p, out);
    for (size_t i = 0; i < v->note_count; i++)
        buffer_printf(out, "note: %s\n", v->notes[i]);
    for (size_t i = 0; i < v->reason_count; i++)
        buffer_printf(out, "%s: %s\n", v->kind == VERDICT_INVALID ? "invalid" : "also",
                      v->reasons[i]);
    buffer_printf(out, "\n%s%sverdict: %s%s\n", p->strong, colour, verdict_name(v->kind), p->off);
    if (v->kind != VERDICT_PASS)
        buffer_printf(out, "again:   ordeal replay %s\n", f->directory);
    tell_request(f, out);
    buffer_printf(out, "report:  %s/report.html\n", f->directory);
}
