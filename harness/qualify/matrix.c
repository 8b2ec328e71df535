#include "qualify/matrix.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "drivers/xml.h"
#include "qualify/conformance.h"
#include "qualify/tiers.h"

#define TARGETS_MOST 32
#define RESULT_MOST  ((size_t)8 << 20)

typedef struct {
    json_t *root;
    const char *name;
    const char *folder;
} column;

typedef struct {
    column columns[TARGETS_MOST];
    size_t count;
    buffer html;
    buffer text;
} matrix;

typedef struct {
    size_t ok;
    size_t bad;
    size_t lax;
    size_t asked; /* those that are not applicable are not */
    size_t all;
} tally;

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool read_column(column *c, const char *folder, error *e)
{
    char path[512];
    buffer text = {.limit = RESULT_MOST};
    json_error_t wrong;
    if (!files_join(path, sizeof path, folder, "qualify.json", e))
        return false;
    if (access(path, R_OK) != 0)
        return error_set(e, ERROR_USAGE, folder, "has no qualify.json: 'ordeal qualify' makes one");
    if (!files_read(path, RESULT_MOST, &text, e))
        return false;
    c->root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, &wrong);
    buffer_free(&text);
    if (json_integer_value(json_object_get(c->root, "schema")) != 1)
        return error_set(e, ERROR_USAGE, path, "is no qualification of this ordeal: %.100s",
                         c->root == NULL ? wrong.text : "schema is not 1");
    c->folder = folder;
    c->name = text_of(c->root, "target");
    return true;
}

static void begin_row(matrix *m, const char *name, const char *about)
{
    buffer_text_append(&m->html, "<tr><th scope=\"row\" title=\"");
    xml_append_text(&m->html, about);
    buffer_text_append(&m->html, "\">");
    xml_append_text(&m->html, name);
    buffer_text_append(&m->html, "</th>");
    buffer_printf(&m->text, "| %s |", name);
}

static void end_row(matrix *m)
{
    buffer_text_append(&m->html, "</tr>\n");
    buffer_text_append(&m->text, "\n");
}

static void put_nothing(matrix *m, const char *why)
{
    buffer_printf(&m->html, "<td class=\"none\">%s</td>", why);
    buffer_printf(&m->text, " %s |", why);
}

/* --- conformance --- */

static tally count_cases(const json_t *root, const char *name)
{
    tally t = {0};
    size_t i;
    const json_t *c;
    json_array_foreach(json_object_get(root, "cases"), i, c)
    {
        const char *verdict = text_of(c, "verdict");
        if (strcmp(text_of(c, "suite"), name) != 0)
            continue;
        t.all++;
        if (strcmp(verdict, "not applicable") == 0)
            continue;
        t.asked++;
        t.ok += strcmp(verdict, "ok") == 0 || strcmp(verdict, "informational") == 0;
        t.bad += strcmp(verdict, "failed") == 0;
        t.lax += strcmp(verdict, "non-strict") == 0;
    }
    return t;
}

static void put_evidence(matrix *m, const json_t *root, const char *name)
{
    size_t i;
    const json_t *c;
    json_array_foreach(json_object_get(root, "cases"), i, c)
    {
        const char *verdict = text_of(c, "verdict");
        if (strcmp(text_of(c, "suite"), name) != 0 ||
            (strcmp(verdict, "failed") != 0 && strcmp(verdict, "non-strict") != 0))
            continue;
        buffer_text_append(&m->html, "<li><b>");
        xml_append_text(&m->html, text_of(c, "address"));
        buffer_text_append(&m->html, "</b> ");
        xml_append_text(&m->html, text_of(c, "level"));
        buffer_text_append(&m->html, ": ");
        xml_append_text(&m->html, text_of(c, "requires"));
        buffer_text_append(&m->html, " (");
        xml_append_text(&m->html, text_of(c, "section"));
        buffer_text_append(&m->html, "). Seen: ");
        xml_append_text(&m->html, text_of(c, "actual"));
        buffer_text_append(&m->html, "<br><code>");
        xml_append_text(&m->html, text_of(c, "curl"));
        buffer_text_append(&m->html, "</code></li>");
    }
}

static void put_suite_cell(matrix *m, const json_t *root, const suite *s)
{
    tally t = count_cases(root, s->name);
    if (t.asked == 0) {
        put_nothing(m, t.all > 0 ? "not applicable" : "not asked");
        return;
    }
    const char *class = t.bad > 0 ? "bad" : t.lax > 0 ? "lax" : "good";
    buffer_printf(&m->text, " %zu of %zu |", t.ok, t.asked);
    buffer_printf(&m->html, "<td class=\"%s\"><details><summary>%zu of %zu", class, t.ok, t.asked);
    if (t.bad > 0)
        buffer_printf(&m->html, ", %zu MUST broken", t.bad);
    buffer_text_append(&m->html, "</summary><ul>");
    put_evidence(m, root, s->name);
    buffer_text_append(&m->html, "</ul></details></td>");
}

/* --- tiers --- */

static const json_t *tier_of(const json_t *root, const char *name)
{
    size_t i;
    const json_t *t;
    json_array_foreach(json_object_get(root, "tiers"), i, t)
    {
        if (strcmp(text_of(t, "name"), name) == 0)
            return t;
    }
    return NULL;
}

static void put_tier_cell(matrix *m, const json_t *root, const char *name)
{
    const json_t *t = tier_of(root, name);
    const char *verdict = t != NULL ? text_of(t, "verdict") : "not run";
    if (t == NULL || strcmp(verdict, "not applicable") == 0) {
        put_nothing(m, verdict);
        return;
    }
    const char *word = verdict[0] != '\0' ? verdict : "no verdict";
    const char *class = strcmp(word, "pass") == 0   ? "good"
                        : strcmp(word, "fail") == 0 ? "bad"
                                                    : "lax";
    buffer_printf(&m->text, " %s |", word);
    buffer_printf(&m->html, "<td class=\"%s\"><details><summary>%s</summary><p>", class, word);
    xml_append_text(&m->html, text_of(t, "sentence"));
    buffer_text_append(&m->html, "</p><p><a href=\"");
    xml_append_text(&m->html, text_of(t, "run"));
    buffer_text_append(&m->html, "/report.html\">report</a></p></details></td>");
}

/* --- the page --- */

static void begin(matrix *m)
{
    buffer_text_append(
        &m->html,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>ordeal: who holds what</title><style>"
        ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem}"
        "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.5rem "
        ".8rem;border-bottom:1px solid #8884}.good summary{color:#197a3a}.bad "
        "summary{color:#c02525;"
        "font-weight:600}.lax summary{color:#8a6100}.none{color:#767676}code{font-size:.85em;"
        "overflow-wrap:anywhere}td{max-width:28rem}"
        "@media(prefers-color-scheme:dark){.good summary{color:#6fce8d}.bad summary{color:#ff8a80}"
        ".lax summary{color:#e5b84b}.none{color:#9a9a9a}}</style>"
        "<h1>Who holds what</h1><table><thead><tr><th></th>");
    buffer_text_append(&m->text, "| |");
    for (size_t i = 0; i < m->count; i++) {
        buffer_text_append(&m->html, "<th scope=\"col\">");
        xml_append_text(&m->html, m->columns[i].name);
        buffer_text_append(&m->html, "</th>");
        buffer_printf(&m->text, " %s |", m->columns[i].name);
    }
    buffer_text_append(&m->html, "</tr></thead><tbody>\n");
    buffer_text_append(&m->text, "\n|---|");
    for (size_t i = 0; i < m->count; i++)
        buffer_text_append(&m->text, "---|");
    buffer_text_append(&m->text, "\n");
}

static void fill(matrix *m)
{
    begin(m);
    for (size_t i = 0; i < suite_count; i++) {
        begin_row(m, suites[i]->name, suites[i]->text);
        for (size_t k = 0; k < m->count; k++)
            put_suite_cell(m, m->columns[k].root, suites[i]);
        end_row(m);
    }
    for (size_t i = 0; i < tier_count; i++) {
        begin_row(m, tiers[i].name, tiers[i].about);
        for (size_t k = 0; k < m->count; k++)
            put_tier_cell(m, m->columns[k].root, tiers[i].name);
        end_row(m);
    }
    buffer_text_append(&m->html, "</tbody></table></html>\n");
}

static bool keep(const buffer *text, const char *folder, const char *name, error *e)
{
    char path[512];
    return files_join(path, sizeof path, folder, name, e) &&
           files_replace(path, text->bytes, text->length, e);
}

bool matrix_make(const char *const *folders, size_t count, const char *out, error *e)
{
    matrix m = {.count = 0};
    bool fine = count <= TARGETS_MOST ||
                error_set(e, ERROR_USAGE, "matrix", "more than %d qualifications", TARGETS_MOST);
    for (size_t i = 0; fine && i < count; i++)
        fine = read_column(&m.columns[m.count++], folders[i], e);
    if (fine)
        fill(&m);
    fine = fine && files_make_directories(out, 0755, e) && keep(&m.html, out, "matrix.html", e) &&
           keep(&m.text, out, "matrix.md", e);
    for (size_t i = 0; i < m.count; i++)
        json_decref(m.columns[i].root);
    buffer_free(&m.html);
    buffer_free(&m.text);
    return fine;
}
