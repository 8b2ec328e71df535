#include "reports/postmortem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"
#include "history/operations.h"
#include "reports/evidence_steps.h"
#include "reports/incident_story.h"
#include "reports/page/assets.h"
#include "reports/report.h"
#include "reports/reproduction.h"
#include "reports/severity.h"
#include "reports/show.h"
#include "reports/template.h"

#define ROWS_MOST 60 /* of the time line */

static bool violated(const verdict_invariant *n)
{
    return n->finding.answer == ANSWER_VIOLATED;
}

/* The first violation that could be seen; NULL: none. */
static const judge_finding *first_seen(const verdict *v)
{
    const judge_finding *first = NULL;
    for (size_t i = 0; i < v->invariant_count; i++)
        if (violated(&v->invariants[i]) &&
            (first == NULL || v->invariants[i].finding.first_at < first->first_at))
            first = &v->invariants[i].finding;
    return first;
}

/* --- sections --- */

static void put_summary(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char length[32];
    if (v->scenario->story[0] != '\0')
        buffer_printf(out, "%s\n", v->scenario->story);
    buffer_printf(out, "In %s of load and %" PRIu64 " operations ",
                  units_show_duration(v->load_end - v->load_begin, length), v->operations);
    const char *join = "";
    for (size_t i = 0; i < v->invariant_count; i++) {
        if (!violated(&v->invariants[i]))
            continue;
        buffer_printf(out, "%s**%s** was violated: %s", join, v->invariants[i].judge->name,
                      v->invariants[i].finding.sentence);
        join = "; ";
    }
    buffer_text_append(out, ".");
}

static void put_derivation(const verdict *v, buffer *out)
{
    for (size_t i = 0; i < v->invariant_count; i++) {
        const severity_row *means = severity_of(v->invariants[i].judge->name);
        if (violated(&v->invariants[i]))
            buffer_printf(out, "- %s is violated, which means that %s: SEV-%d\n",
                          v->invariants[i].judge->name, means->meaning, means->level);
    }
    buffer_printf(out, "\nThe gravest of these counts: **SEV-%d**.", severity_level(v));
}

static uint64_t count_violations(const verdict *v)
{
    uint64_t violations = 0;
    for (size_t i = 0; i < v->invariant_count; i++)
        violations += v->invariants[i].finding.violations;
    return violations;
}

static void put_impact(const verdict *v, const impact *hit, buffer *out)
{
    char bytes[32];
    char length[32];
    double part = v->operations > 0 ? 100 * (double)hit->operations / (double)v->operations : 0;
    buffer_printf(out,
                  "- violations seen: %" PRIu64
                  "\n- operations that did not do what was asked: %" PRIu64 " of %" PRIu64
                  " (%.2f %%)\n- of these writes whose outcome nobody knows: %" PRIu64
                  "\n- clients that met them: %" PRIu64 " of %" PRIu64
                  "\n- bytes that these operations carried: %s\n",
                  count_violations(v), hit->operations, v->operations, part, hit->unknown,
                  hit->clients, hit->all_clients, units_show_size(hit->bytes, bytes));
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *o = &v->figures[type];
        if (o->failed + o->unknown > 0)
            buffer_printf(out,
                          "- %s: %" PRIu64 " failed, %" PRIu64 " unknown, %" PRIu64
                          " ok; p99.9 corrected %s\n",
                          operation_row_of(type)->name, o->failed, o->unknown, o->ok,
                          units_show_duration(histogram_percentile(&o->corrected, 99.9), length));
    }
}

typedef struct {
    uint64_t at;
    char text[700];
} row;

typedef struct {
    row *rows;
    size_t count;
    size_t capacity;
} timeline;

__attribute__((format(printf, 3, 4))) static void add_row(timeline *t, uint64_t at,
                                                          const char *format, ...)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity > 0 ? t->capacity * 2 : 64;
        t->rows = memory_resize(t->rows, t->capacity * sizeof *t->rows);
    }
    row *new = &t->rows[t->count++];
    va_list values;
    va_start(values, format);
    new->at = at;
    vsnprintf(new->text, sizeof new->text, format, values);
    va_end(values);
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = ((const row *)a)->at;
    uint64_t y = ((const row *)b)->at;
    return (x > y) - (x < y);
}

static void gather_rows(const facts *f, timeline *t)
{
    char sentence[400];
    for (size_t i = 0; i < f->moments->band_count; i++) {
        const fault_band *band = &f->moments->bands[i];
        add_row(t, band->begin, "fault %s begins", band->name);
        if (band->end != HISTORY_NEVER)
            add_row(t, band->end, "fault %s ends, it bit %" PRIu64 " time%s", band->name,
                    band->hits, band->hits == 1 ? "" : "s");
    }
    for (size_t i = 0; i < f->moments->event_count; i++)
        add_row(t, f->moments->events[i].at, "%s",
                moment_sentence(&f->moments->events[i], sentence, sizeof sentence));
    for (size_t i = 0; i < f->verdict->invariant_count; i++) {
        const verdict_invariant *n = &f->verdict->invariants[i];
        if (violated(n))
            add_row(t, n->finding.first_at,
                    "**detected**: %s is violated, %.3f s after the last fault before it (or the "
                    "load) began",
                    n->judge->name, facts_detection(f, &n->finding));
    }
}

static void put_timeline(const facts *f, buffer *out)
{
    timeline t = {0};
    char when[64];
    gather_rows(f, &t);
    if (t.count > 0)
        qsort(t.rows, t.count, sizeof *t.rows, by_time);
    buffer_text_append(out, "| when | what |\n|---|---|\n");
    for (size_t i = 0; i < t.count && i < ROWS_MOST; i++)
        buffer_printf(out, "| %s | %s |\n", facts_time(f, t.rows[i].at, when), t.rows[i].text);
    if (t.count > ROWS_MOST)
        buffer_printf(out, "\n%zu more rows are in the report.\n", t.count - ROWS_MOST);
    free(t.rows);
}

static void put_evidence(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    for (size_t i = 0; i < v->invariant_count; i++) {
        const verdict_invariant *n = &v->invariants[i];
        if (!violated(n))
            continue;
        buffer_printf(out, "### %s\n\n%s\n\n%s.\n\n", n->judge->name, n->judge->definition,
                      n->finding.sentence);
        evidence_tell(f, &n->finding, "    ", EVIDENCE_SHOWN_MOST, out);
        buffer_printf(out, "\nMore: `failures/%s/`, `report.html`.\n\n", n->judge->name);
    }
}

static void put_cause(const verdict *v, buffer *out)
{
    if (incident_story(v->scenario->name, "Root cause", out)) {
        buffer_printf(out,
                      "\n\nThis is the cause of the known incident `%s`, whose scenario was run. "
                      "Whether it is the cause here is for a person to confirm.",
                      v->scenario->name);
        return;
    }
    buffer_text_append(out, "_To be filled in._ The run is of no known incident.");
}

/* The faults that came before the first violation, the last first. */
static void put_suspects(const facts *f, buffer *out)
{
    const judge_finding *first = first_seen(f->verdict);
    size_t told = 0;
    char begin[32];
    buffer_text_append(out, "\n\nActive when the violation was seen, or last before it:\n");
    for (size_t i = f->moments->band_count; i-- > 0 && told < 3;) {
        const fault_band *band = &f->moments->bands[i];
        if (first == NULL || band->begin > first->first_at)
            continue;
        buffer_printf(out, "\n- fault %s, from %s", band->name,
                      units_show_duration(band->begin, begin));
        told++;
    }
    if (told == 0)
        buffer_text_append(out, "\n- no fault: it happened under load alone");
}

static void put_well(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    const judge_finding *first = first_seen(v);
    if (first != NULL)
        buffer_printf(out,
                      "- The violation could be seen %.3f s after the fault that came before.\n",
                      facts_detection(f, first));
    for (size_t i = 0; i < v->invariant_count; i++)
        if (v->invariants[i].finding.answer == ANSWER_HOLDS)
            buffer_printf(out, "- %s held: %s.\n", v->invariants[i].judge->name,
                          v->invariants[i].finding.sentence);
}

static void put_wrong(const verdict *v, buffer *out)
{
    char value[32];
    for (size_t i = 0; i < v->invariant_count; i++)
        if (violated(&v->invariants[i]))
            buffer_printf(out, "- %s was violated, %" PRIu64 " in all: %s.\n",
                          v->invariants[i].judge->name, v->invariants[i].finding.violations,
                          severity_of(v->invariants[i].judge->name)->meaning);
    for (size_t i = 0; i < v->scenario->threshold_count; i++)
        if (!v->thresholds[i].holds)
            buffer_printf(out, "- The threshold `%s` was missed: %s.\n",
                          v->thresholds[i].threshold->text,
                          show_threshold_value(&v->thresholds[i], value));
    for (size_t i = 0; i < v->reason_count; i++)
        buffer_printf(out, "- Not shown by this run: %s.\n", v->reasons[i]);
}

static void put_actions(const verdict *v, buffer *out)
{
    for (size_t i = 0; i < v->invariant_count; i++)
        if (violated(&v->invariants[i]))
            buffer_printf(out, "| [ ] | Make %s hold again; `ordeal replay` must pass | | |\n",
                          v->invariants[i].judge->name);
    buffer_text_append(out, "| [ ] | Run this scenario in CI, so that it cannot come back | | |\n"
                            "| [ ] | Look for the same mistake elsewhere in the code | | |\n"
                            "| [ ] | See that monitoring would have told, and how soon | | |\n");
    if (severity_level(v) == 1)
        buffer_text_append(out, "| [ ] | Find and repair data that was hit in production | | |\n");
}

/* --- the whole --- */

enum {
    TITLE,
    SCENARIO,
    TARGET,
    SEED,
    SEVERITY,
    BEGAN,
    DETECTED,
    RECOVERED,
    DIRECTORY,
    SUMMARY,
    DERIVATION,
    IMPACT,
    TIMELINE,
    EVIDENCE,
    CAUSE,
    WELL,
    WRONG,
    ACTIONS,
    AGAIN,
    SERVICE,
    SYMPTOM,
    FOUND,
    SCOPE,
    DETECTION,
    VALUES
};

static const char *const names[VALUES] = {
    "title",    "scenario",  "target",    "seed",    "severity",   "began",
    "detected", "recovered", "directory", "summary", "derivation", "impact",
    "timeline", "evidence",  "cause",     "well",    "wrong",      "actions",
    "again",    "service",   "symptom",   "found",   "scope",      "detection"};

static void fill_head(const facts *f, buffer values[VALUES])
{
    const verdict *v = f->verdict;
    const verdict_invariant *gravest = severity_gravest(v);
    const judge_finding *first = first_seen(v);
    char when[64];
    char length[32];
    buffer_printf(&values[TITLE], "%s in %s",
                  gravest != NULL ? gravest->judge->name : verdict_name(v->kind),
                  v->scenario->name);
    buffer_printf(&values[SCENARIO], "%s", v->scenario->name);
    buffer_printf(&values[TARGET], "%s", v->scenario->target.name);
    buffer_printf(&values[SEED], "%" PRIu64, v->scenario->seed);
    buffer_printf(&values[SEVERITY], "SEV-%d", severity_level(v));
    buffer_printf(&values[BEGAN], "%s", facts_time(f, v->load_begin, when));
    if (first != NULL)
        buffer_printf(&values[DETECTED], "%s, %.3f s after the fault before it (or the load) began",
                      facts_time(f, first->first_at, when), facts_detection(f, first));
    if (facts_recovery(f) != HISTORY_NEVER)
        buffer_printf(&values[RECOVERED], "%s after the load's end",
                      units_show_duration(facts_recovery(f), length));
    else
        buffer_text_append(&values[RECOVERED], "not within the run");
    buffer_printf(&values[DIRECTORY], "%s", f->directory);
    buffer_printf(&values[AGAIN], "ordeal replay %s", f->directory);
}

static void fill_status(const facts *f, const impact *hit, buffer values[VALUES])
{
    const verdict *v = f->verdict;
    const verdict_invariant *gravest = severity_gravest(v);
    const judge_finding *first = first_seen(v);
    const severity_row *means = severity_of(gravest != NULL ? gravest->judge->name : "");
    buffer_printf(&values[SERVICE], "%s", v->scenario->target.name);
    buffer_printf(&values[SYMPTOM], "%s", means->symptom);
    buffer_printf(&values[FOUND], "%s.", means->meaning);
    buffer_printf(&values[SCOPE], "%.2f %% of requests did not do what was asked.",
                  v->operations > 0 ? 100 * (double)hit->operations / (double)v->operations : 0);
    double seconds = first != NULL ? facts_detection(f, first) : 0;
    if (seconds < 1.5)
        buffer_text_append(&values[DETECTION], "about a second");
    else
        buffer_printf(&values[DETECTION], "%.0f seconds", seconds);
}

static void write_filled(const facts *f, const char *text, buffer *out)
{
    buffer values[VALUES] = {0};
    template_value filled[VALUES];
    fill_head(f, values);
    put_summary(f, &values[SUMMARY]);
    put_derivation(f->verdict, &values[DERIVATION]);
    put_impact(f->verdict, &f->impact, &values[IMPACT]);
    put_timeline(f, &values[TIMELINE]);
    put_evidence(f, &values[EVIDENCE]);
    put_cause(f->verdict, &values[CAUSE]);
    put_suspects(f, &values[CAUSE]);
    put_well(f, &values[WELL]);
    put_wrong(f->verdict, &values[WRONG]);
    put_actions(f->verdict, &values[ACTIONS]);
    fill_status(f, &f->impact, values);
    for (size_t i = 0; i < VALUES; i++) {
        while (values[i].length > 0 && values[i].bytes[values[i].length - 1] == '\n')
            values[i].bytes[--values[i].length] = '\0';
        filled[i] = (template_value){names[i], buffer_text(&values[i])};
    }
    template_fill(text, filled, VALUES, out);
    for (size_t i = 0; i < VALUES; i++)
        buffer_free(&values[i]);
}

void postmortem_write(const facts *f, buffer *out)
{
    write_filled(f, asset_postmortem_md, out);
}

void postmortem_status(const facts *f, buffer *out)
{
    write_filled(f, asset_status_md, out);
}

static bool failed(const facts *f)
{
    return f->verdict->kind == VERDICT_FAIL;
}

const report report_postmortem = {
    .name = "postmortem",
    .file = "postmortem.md",
    .description = "what happened, how bad it was and what is to be done; only for a failed run",
    .wanted = failed,
    .write = postmortem_write,
};
