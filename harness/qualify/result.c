#include "qualify/result.h"

#include <string.h>

#include "base/files.h"
#include "base/json_writer.h"
#include "verdict/verdict.h"

static bool counts_against(const qualification *q, const case_result *c)
{
    return !c->known && (c->verdict == CASE_FAILED || (q->strict && c->verdict == CASE_NON_STRICT));
}

static void print_suite(const qualification *q, const suite *s, FILE *out)
{
    size_t counts[CASE_NOT_APPLICABLE + 1] = {0};
    size_t all = 0;
    for (size_t i = 0; i < q->case_count; i++)
        if (q->cases[i].suite == s) {
            counts[q->cases[i].verdict]++;
            all++;
        }
    if (all == counts[CASE_NOT_APPLICABLE])
        return;
    fprintf(out,
            "%s (%s): %zu ok, %zu failed, %zu non-strict, %zu informational, %zu not applicable\n",
            s->name, s->text, counts[CASE_OK], counts[CASE_FAILED], counts[CASE_NON_STRICT],
            counts[CASE_INFORMATIONAL], counts[CASE_NOT_APPLICABLE]);
    for (size_t i = 0; i < q->case_count; i++) {
        const case_result *c = &q->cases[i];
        if (c->suite != s || c->verdict == CASE_OK || c->verdict == CASE_NOT_APPLICABLE)
            continue;
        fprintf(out, "  %-13s %-24s %s: %s (%s)\n", case_verdict_name(c->verdict), c->what->address,
                case_level_name(c->what->level), c->what->requires, c->what->section);
        fprintf(out, "                seen: %s%s\n                %s\n", c->actual,
                c->known ? " (known)" : "", c->curl);
    }
}

/* Suites of other protocols, in one line. */
static void print_others(const qualification *q, FILE *out)
{
    const char *before = "not applicable: ";
    for (size_t i = 0; i < suite_count; i++) {
        size_t all = 0;
        size_t others = 0;
        for (size_t k = 0; k < q->case_count; k++)
            if (q->cases[k].suite == suites[i]) {
                all++;
                others += q->cases[k].verdict == CASE_NOT_APPLICABLE;
            }
        if (all > 0 && all == others) {
            fprintf(out, "%s%s", before, suites[i]->name);
            before = ", ";
        }
    }
    if (before[0] == ',')
        fputc('\n', out);
}

static const char *tier_sign(const tier_result *t)
{
    if (!t->applicable)
        return "-";
    if (strcmp(t->verdict, "pass") == 0)
        return "✓";
    return strcmp(t->verdict, "fail") == 0 || strcmp(t->verdict, "missed") == 0 ? "✗" : "?";
}

void result_print(const qualification *q, FILE *out)
{
    for (size_t i = 0; i < suite_count; i++)
        print_suite(q, suites[i], out);
    print_others(q, out);
    if (q->tier_count > 0)
        fputs("tiers\n", out);
    for (size_t i = 0; i < q->tier_count; i++) {
        const tier_result *t = &q->tiers[i];
        fprintf(out, "  %s %-19s %s\n", tier_sign(t), t->what->name, t->what->about);
        if (t->sentence[0] != '\0')
            fprintf(out, "      %s\n", t->sentence);
        if (t->applicable && t->directory[0] != '\0' && strcmp(t->verdict, "pass") != 0)
            fprintf(out, "      evidence: %s/report.html\n", t->directory);
    }
    if (q->surprises > 0)
        fprintf(out, "%zu known failing cases pass now: take them out of the file\n", q->surprises);
}

int result_exit_code(const qualification *q)
{
    int code = q->surprises > 0 ? EXIT_VIOLATED : EXIT_PASS;
    for (size_t i = 0; i < q->case_count; i++)
        if (counts_against(q, &q->cases[i]))
            code = EXIT_VIOLATED;
    for (size_t i = 0; i < q->tier_count; i++) {
        const char *sign = tier_sign(&q->tiers[i]);
        if (strcmp(sign, "✗") == 0)
            code = EXIT_VIOLATED;
        else if (strcmp(sign, "?") == 0 && code == EXIT_PASS)
            code = EXIT_INVALID;
    }
    return code;
}

static void write_case(json_writer *w, const case_result *c)
{
    writer_object(w);
    writer_put_text(w, "address", c->what->address);
    writer_put_text(w, "suite", c->suite->name);
    writer_put_text(w, "level", case_level_name(c->what->level));
    writer_put_text(w, "section", c->what->section);
    writer_put_text(w, "requires", c->what->requires);
    writer_put_text(w, "verdict", case_verdict_name(c->verdict));
    writer_put_text(w, "actual", c->actual);
    writer_put_text(w, "curl", c->curl);
    writer_put_bool(w, "known", c->known);
    writer_object_end(w);
}

static void write_tier(json_writer *w, const tier_result *t)
{
    writer_object(w);
    writer_put_text(w, "name", t->what->name);
    writer_put_text(w, "about", t->what->about);
    writer_put_text(w, "verdict", t->applicable ? t->verdict : "not applicable");
    writer_put_text(w, "sentence", t->sentence);
    writer_put_text(w, "run", t->directory);
    writer_object_end(w);
}

bool result_write(const qualification *q, const char *folder, error *e)
{
    char path[512];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", 1);
    writer_put_text(&w, "target", q->target);
    writer_put_text(&w, "driver", q->driver);
    writer_put_whole(&w, "exit_code", (uint64_t)result_exit_code(q));
    writer_key(&w, "cases");
    writer_array(&w);
    for (size_t i = 0; i < q->case_count; i++)
        write_case(&w, &q->cases[i]);
    writer_array_end(&w);
    writer_key(&w, "tiers");
    writer_array(&w);
    for (size_t i = 0; i < q->tier_count; i++)
        write_tier(&w, &q->tiers[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    bool fine = files_join(path, sizeof path, folder, "qualify.json", e) &&
                files_replace(path, text.bytes, text.length, e);
    buffer_free(&text);
    return fine;
}
