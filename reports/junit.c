/* junit.xml: one case for each invariant, threshold and for validity. Violated = failure, not
 * proven = error. */
#include <inttypes.h>

#include "base/timing.h"
#include "reports/evidence_steps.h"
#include "reports/report.h"
#include "reports/show.h"

static void open_case(buffer *out, const char *class, const char *name)
{
    buffer_text_append(out, "    <testcase classname=\"");
    show_escaped(class, out);
    buffer_text_append(out, "\" name=\"");
    show_escaped(name, out);
    buffer_text_append(out, "\" time=\"0\"");
}

static void close_case(buffer *out, const char *element, const char *message, const char *more)
{
    if (element == NULL) {
        buffer_text_append(out, "/>\n");
        return;
    }
    buffer_printf(out, ">\n      <%s message=\"", element);
    show_escaped(message, out);
    buffer_printf(out, "\" type=\"%s\">", element);
    show_escaped(more, out);
    buffer_printf(out, "</%s>\n    </testcase>\n", element);
}

static void write_invariant(const facts *all, const verdict_invariant *n, buffer *out)
{
    const judge_finding *f = &n->finding;
    buffer more = {0};
    evidence_tell(all, f, "", EVIDENCE_SHOWN_MOST, &more);
    open_case(out, "invariant", n->judge->name);
    close_case(out,
               f->answer == ANSWER_HOLDS      ? NULL
               : f->answer == ANSWER_VIOLATED ? "failure"
                                              : "error",
               f->sentence, buffer_text(&more));
    buffer_free(&more);
}

static bool proves_nothing(const verdict *v)
{
    return v->reason_count > 0 || v->kind == VERDICT_INTERRUPTED;
}

static void count_cases(const verdict *v, size_t *failures, size_t *errors)
{
    *failures = 0;
    *errors = proves_nothing(v);
    for (size_t i = 0; i < v->invariant_count; i++) {
        *failures += v->invariants[i].finding.answer == ANSWER_VIOLATED;
        *errors += v->invariants[i].finding.answer == ANSWER_NOT_PROVEN;
    }
    for (size_t i = 0; i < v->scenario->threshold_count; i++)
        *failures += !v->thresholds[i].holds;
}

static void write_validity(const verdict *v, buffer *out)
{
    buffer more = {0};
    for (size_t i = 0; i < v->reason_count; i++)
        buffer_printf(&more, "%s\n", v->reasons[i]);
    open_case(out, "run", "validity");
    close_case(out, proves_nothing(v) ? "error" : NULL,
               v->kind == VERDICT_INTERRUPTED ? "the run was interrupted"
                                              : "the run does not prove what it should",
               buffer_text(&more));
    buffer_free(&more);
}

/* ISO 8601 without a zone, as the schema has it; UTC. */
static void write_began(const facts *f, buffer *out)
{
    char wall[32];
    if (f->began > 0)
        buffer_printf(out, " timestamp=\"%.19s\"", timing_wall_text(f->began, wall));
    buffer_text_append(out, ">\n");
}

static void write_properties(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    buffer_printf(out,
                  "    <properties>\n      <property name=\"verdict\" value=\"%s\"/>\n      "
                  "<property name=\"seed\" value=\"%" PRIu64 "\"/>\n      <property "
                  "name=\"target\" value=\"",
                  verdict_name(v->kind), v->scenario->seed);
    show_escaped(v->scenario->target.name, out);
    buffer_text_append(out, "\"/>\n      <property name=\"run\" value=\"");
    show_escaped(f->directory, out);
    buffer_text_append(out, "\"/>\n    </properties>\n");
}

static void write_junit(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    size_t failures;
    size_t errors;
    char value[32];
    count_cases(v, &failures, &errors);
    size_t cases = v->invariant_count + v->scenario->threshold_count + 1;
    double seconds = (double)(v->load_end - v->load_begin) / (double)NANOSECONDS_PER_SECOND;
    buffer_text_append(
        out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"");
    show_escaped(v->scenario->name, out);
    buffer_printf(out,
                  "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\" time=\"%.3f\"",
                  cases, failures, errors, seconds);
    write_began(f, out);
    write_properties(f, out);
    write_validity(v, out);
    for (size_t i = 0; i < v->invariant_count; i++)
        write_invariant(f, &v->invariants[i], out);
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        const verdict_threshold *t = &v->thresholds[i];
        open_case(out, "threshold", t->threshold->text);
        close_case(out, t->holds ? NULL : "failure", show_threshold_value(t, value), "");
    }
    buffer_text_append(out, "  </testsuite>\n</testsuites>\n");
}

const report report_junit = {
    .name = "junit",
    .file = "junit.xml",
    .description = "one case per invariant and threshold, for CI systems",
    .write = write_junit,
};
