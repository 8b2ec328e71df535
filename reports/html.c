/* report.html: one file without network: the verdict first, then invariants with evidence,
 * operations, load over time. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/timing.h"
#include "base/units.h"
#include "reports/report.h"
#include "reports/show.h"
#include "reports/timeline.h"

static const char head[] = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
                           "name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\"><title>ordeal report</title><style>"
                           ":root{color-scheme:light "
                           "dark;--ink:#1a1f24;--dim:#57606a;--paper:#fff;--line:#d0d7de;--good:#"
                           "1a7f37;--bad:#b3261e;--doubt:#8a5a00;"
                           "--band:#b3261e22}"
                           "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa4ae;--"
                           "paper:#0d1117;--line:#30363d;--good:#4ac26b;--bad:#ff7b72;"
                           "--doubt:#d9a441;--band:#ff7b7233}}"
                           "body{font:16px/1.5 "
                           "system-ui,sans-serif;color:var(--ink);background:var(--paper);max-"
                           "width:62rem;margin:0 auto;padding:1rem}"
                           "h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}.pass,.holds{"
                           "color:var(--good)}.fail,.violated,.missed{color:var(--bad)}"
                           ".invalid,.doubt,.interrupted{color:var(--doubt)}.dim{color:var(--dim)}"
                           "table{border-collapse:collapse;width:100%}"
                           "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
                           "var(--line);vertical-align:top}td.n,th.n{text-align:right;"
                           "font-variant-numeric:tabular-nums}pre{white-space:pre-wrap;overflow-"
                           "wrap:anywhere;font-size:.85rem;margin:.4rem 0}"
                           "svg{width:100%;height:auto;display:block}.wide{overflow-x:auto}summary{"
                           "cursor:pointer}</style></head><body>";

static void write_row(const verdict *v, const verdict_invariant *n, buffer *out)
{
    const judge_finding *f = &n->finding;
    bool violated = f->answer == ANSWER_VIOLATED;
    const char *class = f->answer == ANSWER_HOLDS ? "holds" : violated ? "violated" : "doubt";
    buffer_printf(
        out, "<details%s><summary><strong class=\"%s\">%s</strong> %s</summary><p class=\"dim\">",
        violated ? " open" : "", class, verdict_answer_name(f->answer), n->judge->name);
    show_escaped(n->judge->definition, out);
    buffer_text_append(out, "</p><p>");
    show_escaped(f->sentence, out);
    buffer_text_append(out, "</p>");
    if (f->line_count + f->evidence_count > 0)
        buffer_text_append(out, "<pre>");
    for (size_t i = 0; i < f->line_count; i++) {
        show_escaped(f->lines[i], out);
        buffer_text_append(out, "\n");
    }
    for (size_t i = 0; i < f->evidence_count; i++) {
        buffer line = {0};
        show_record(v->history, f->evidence[i], &line);
        show_escaped(buffer_text(&line), out);
        buffer_text_append(out, "\n");
        buffer_free(&line);
    }
    if (f->line_count + f->evidence_count > 0)
        buffer_text_append(out, "</pre>");
    buffer_text_append(out, "</details>");
}

static void write_duration_cell(uint64_t value, buffer *out)
{
    char text[32];
    buffer_printf(out, "<td class=\"n\">%s</td>", units_show_duration(value, text));
}

static void write_operations(const verdict *v, buffer *out)
{
    buffer_text_append(out, "<h2>Operations</h2><div class=\"wide\"><table><tr><th>operation<th "
                            "class=\"n\">ok<th class=\"n\">failed<th "
                            "class=\"n\">unknown<th class=\"n\">p50<th class=\"n\">p99<th "
                            "class=\"n\">p99.9<th class=\"n\">p99.9 "
                            "corrected<th class=\"n\">max</tr>");
    for (unsigned type = 1; type < OPERATION_COUNT; type++) {
        const operation_figures *f = &v->figures[type];
        if (f->ok + f->failed + f->unknown == 0)
            continue;
        buffer_printf(out,
                      "<tr><td>%s<td class=\"n\">%" PRIu64 "<td class=\"n\">%" PRIu64
                      "<td class=\"n\">%" PRIu64,
                      operation_row_of(type)->name, f->ok, f->failed, f->unknown);
        write_duration_cell(histogram_percentile(&f->latency, 50), out);
        write_duration_cell(histogram_percentile(&f->latency, 99), out);
        write_duration_cell(histogram_percentile(&f->latency, 99.9), out);
        write_duration_cell(histogram_percentile(&f->corrected, 99.9), out);
        write_duration_cell(f->latency.most, out);
        buffer_text_append(out, "</tr>");
    }
    buffer_text_append(out, "</table></div>");
}

static void write_lines(const char *title, const char lines[][VERDICT_REASON_SIZE], size_t count,
                        buffer *out)
{
    if (count == 0)
        return;
    buffer_printf(out, "<h2>%s</h2><ul>", title);
    for (size_t i = 0; i < count; i++) {
        buffer_text_append(out, "<li>");
        show_escaped(lines[i], out);
    }
    buffer_text_append(out, "</ul>");
}

static void write_thresholds(const verdict *v, buffer *out)
{
    char value[32];
    if (v->scenario->threshold_count == 0)
        return;
    buffer_text_append(out, "<h2>Thresholds</h2><table><tr><th>bound<th>measured<th>holds</tr>");
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        const verdict_threshold *t = &v->thresholds[i];
        buffer_text_append(out, "<tr><td>");
        show_escaped(t->threshold->text, out);
        buffer_printf(out, "<td>%s<td class=\"%s\">%s</tr>", show_threshold_value(t, value),
                      t->holds ? "holds" : "violated", t->holds ? "yes" : "no");
    }
    buffer_text_append(out, "</table>");
}

static void write_html(const verdict *v, const char *directory, buffer *out)
{
    const scenario *s = v->scenario;
    (void)directory;
    buffer_text_append(out, head);
    buffer_printf(out, "<main><h1>%s: <span class=\"%s\">%s</span></h1><p>", s->name,
                  verdict_name(v->kind), verdict_name(v->kind));
    show_escaped(s->story, out);
    buffer_printf(out,
                  "</p><p class=\"dim\">Target %s, seed %" PRIu64 ", %" PRIu64 " operations.</p>",
                  s->target.name, s->seed, v->operations);
    write_lines(v->kind == VERDICT_INVALID ? "Why it is invalid" : "What the run does not prove",
                v->reasons, v->reason_count, out);
    buffer_text_append(out, "<h2>Invariants</h2>");
    for (size_t i = 0; i < v->invariant_count; i++)
        write_row(v, &v->invariants[i], out);
    write_thresholds(v, out);
    timeline_write(v, out);
    write_operations(v, out);
    write_lines("Notes", v->notes, v->note_count, out);
    buffer_text_append(out, "</main></body></html>\n");
}

const report report_html = {
    .name = "html",
    .file = "report.html",
    .description = "the verdict with evidence and charts, one file without network",
    .write = write_html,
};
