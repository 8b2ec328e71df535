/* The ledger for people and programs. */
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "incidents/ledger.h"

typedef struct {
    size_t defects;
    size_t caught;
    size_t scenarios;
    size_t alarms;
    size_t skipped; /* scenarios that cannot be run here */
} totals;

static bool own(const ledger_row *row)
{
    return row->defect == row->scenario;
}

static totals count(const ledger *l)
{
    totals sum = {0};
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        sum.defects += own(row);
        sum.caught += own(row) && ledger_row_state(row) == LEDGER_GOOD;
        sum.scenarios += row->defect == NULL;
        sum.alarms += row->defect == NULL && ledger_row_state(row) == LEDGER_BAD;
        sum.skipped += row->defect == NULL && ledger_row_state(row) == LEDGER_SKIPPED;
    }
    return sum;
}

/* What was violated besides the invariant that the story names. */
static void others(const ledger_row *row, char out[256])
{
    char copy[256];
    char *rest = copy;
    size_t used = 0;
    out[0] = '\0';
    snprintf(copy, sizeof copy, "%s", row->broken);
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        name += strspn(name, " ");
        if (*name == '\0' || strcmp(name, row->defect->invariant->name) == 0)
            continue;
        used += (size_t)snprintf(out + used, 256 - used, "%s%s", used > 0 ? ", " : "", name);
    }
}

static void write_total(const ledger *l, buffer *out)
{
    totals sum = count(l);
    buffer_printf(out,
                  "%zu of %zu defects caught by the invariant of their story, %zu of %zu scenarios "
                  "raise a false alarm on the clean server; %zu seed%s\n",
                  sum.caught, sum.defects, sum.alarms, sum.scenarios, l->seeds,
                  l->seeds == 1 ? "" : "s");
    if (sum.skipped > 0)
        buffer_printf(out, "%zu of %zu were skipped: they show nothing on this machine\n",
                      sum.skipped, sum.scenarios);
}

void ledger_write_skip(const ledger_row *row, buffer *out)
{
    buffer_printf(
        out, "skip - %s (%s; 'ordeal doctor' says what this machine lacks and how to get it)\n",
        row->scenario->id, row->trouble);
}

static void write_troubles(const ledger *l, buffer *out)
{
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        if (ledger_row_state(row) == LEDGER_SKIPPED) {
            if (row->defect == NULL)
                ledger_write_skip(row, out);
        } else if (row->trouble[0] != '\0') {
            buffer_printf(out, "%s of %s: %s\n    %s\n",
                          row->defect == NULL ? "clean server in the scenario" : "defect",
                          row->scenario->id, row->trouble, row->directory);
        }
    }
}

void ledger_write_text(const ledger *l, buffer *out)
{
    char also[256];
    buffer_printf(out, "%3s  %-32s %-19s %-9s %9s  %-9s %s\n", "#", "defect = scenario",
                  "invariant", "caught", "median", "clean", "also violated");
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        char caught[32];
        char passed[32] = "-";
        char median[32] = "-";
        if (!own(row))
            continue;
        const ledger_row *clean = ledger_row_of(l, NULL, row->scenario);
        others(row, also);
        snprintf(caught, sizeof caught, "%zu of %zu", row->caught, row->runs);
        if (ledger_row_state(row) == LEDGER_SKIPPED)
            snprintf(caught, sizeof caught, "skipped");
        if (row->caught > 0)
            snprintf(median, sizeof median, "%.2f s", ledger_median(row));
        if (clean != NULL)
            snprintf(passed, sizeof passed, "%zu of %zu", clean->passes, clean->runs);
        buffer_printf(out, "%3llu  %-32s %-19s %-9s %9s  %-9s %s\n",
                      (unsigned long long)row->defect->number, row->defect->id,
                      row->defect->invariant->name, caught, median, passed, also);
    }
    write_troubles(l, out);
    write_total(l, out);
}

void ledger_write_markdown(const ledger *l, buffer *out)
{
    char also[256];
    buffer_printf(out, "| # | defect | scenario | invariant | caught | seconds to detection "
                       "(median) | clean server passes | also violated |\n"
                       "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        if (!own(row))
            continue;
        const ledger_row *clean = ledger_row_of(l, NULL, row->scenario);
        others(row, also);
        buffer_printf(out, "| %llu | %s | %s | %s | %zu of %zu | %.2f | %zu of %zu | %s |\n",
                      (unsigned long long)row->defect->number, row->defect->id, row->scenario->id,
                      row->defect->invariant->name, row->caught, row->runs, ledger_median(row),
                      clean != NULL ? clean->passes : 0, clean != NULL ? clean->runs : 0, also);
    }
    buffer_text_append(out, "\n");
    write_total(l, out);
}

static void write_row(json_writer *w, const ledger_row *row)
{
    writer_object(w);
    writer_put_text(w, "defect", row->defect != NULL ? row->defect->id : NULL);
    writer_put_text(w, "scenario", row->scenario->id);
    if (row->defect != NULL) {
        writer_put_text(w, "invariant", row->defect->invariant->name);
        writer_put_whole(w, "caught", row->caught);
        writer_put_real(w, "median_seconds", ledger_median(row));
    }
    writer_put_whole(w, "runs", row->runs);
    writer_put_whole(w, "failed", row->failed);
    writer_put_whole(w, "passed", row->passes);
    writer_put_text(w, "violated", row->broken);
    writer_put_whole(w, "skipped", row->skipped);
    writer_put_bool(w, "good", ledger_row_state(row) == LEDGER_GOOD);
    writer_put_text(w, "trouble", row->trouble);
    writer_object_end(w);
}

void ledger_write_json(const ledger *l, buffer *out)
{
    totals sum = count(l);
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", 1);
    writer_put_whole(&w, "seeds", l->seeds);
    writer_put_whole(&w, "defects", sum.defects);
    writer_put_whole(&w, "caught", sum.caught);
    writer_put_whole(&w, "false_alarms", sum.alarms);
    writer_put_whole(&w, "skipped", sum.skipped);
    writer_key(&w, "rows");
    writer_array(&w);
    for (size_t i = 0; i < l->count; i++)
        write_row(&w, &l->rows[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}

/* Only the characters that texts of ours can have and XML cannot. */
static void write_escaped(const char *text, buffer *out)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            buffer_text_append(out, "&amp;");
            break;
        case '<':
            buffer_text_append(out, "&lt;");
            break;
        case '"':
            buffer_text_append(out, "&quot;");
            break;
        default:
            buffer_printf(out, "%c", (unsigned char)*text < 32 ? '?' : *text);
        }
}

void ledger_write_junit(const ledger *l, buffer *out)
{
    size_t counts[LEDGER_BAD + 1] = {0};
    for (size_t i = 0; i < l->count; i++)
        counts[ledger_row_state(&l->rows[i])]++;
    buffer_printf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                  "  <testsuite name=\"incidents\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
                  "skipped=\"%zu\">\n",
                  l->count, counts[LEDGER_BAD], counts[LEDGER_SKIPPED]);
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        buffer_printf(out, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
                      row->defect != NULL ? "defect is caught" : "clean server passes",
                      row->scenario->id, ledger_median(row));
        ledger_state state = ledger_row_state(row);
        if (state == LEDGER_GOOD) {
            buffer_text_append(out, "/>\n");
            continue;
        }
        buffer_printf(out, "><%s message=\"", state == LEDGER_BAD ? "failure" : "skipped");
        write_escaped(row->trouble, out);
        buffer_text_append(out, "\">");
        write_escaped(row->directory, out);
        buffer_printf(out, "</%s></testcase>\n", state == LEDGER_BAD ? "failure" : "skipped");
    }
    buffer_text_append(out, "  </testsuite>\n</testsuites>\n");
}

void ledger_write_cross(const ledger *l, buffer *out)
{
    const incident *last = NULL;
    buffer_text_append(out, "\nalso caught by other scenarios\n");
    for (size_t i = 0; i < l->count; i++) {
        const ledger_row *row = &l->rows[i];
        if (row->defect == NULL || own(row) || row->failed == 0)
            continue;
        if (row->defect != last)
            buffer_printf(out, "%s\n", row->defect->id);
        last = row->defect;
        buffer_printf(out, "    %-32s %zu of %zu  %s\n", row->scenario->id, row->failed, row->runs,
                      row->broken);
    }
}
