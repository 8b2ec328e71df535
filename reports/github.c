#include "reports/github.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/units.h"
#include "history/operations.h"
#include "reports/show.h"

/* In a table's cell: what Markdown and HTML would take as theirs is escaped. */
static void put_cell(const char *text, buffer *out)
{
    buffer safe = {0};
    show_escaped(text, &safe);
    for (const char *at = buffer_text(&safe); *at != '\0'; at++) {
        if (*at == '\n')
            buffer_text_append(out, " ");
        else if (strchr("|`*_[]\\", *at) != NULL)
            buffer_printf(out, "\\%c", *at);
        else
            buffer_append(out, at, 1);
    }
    buffer_free(&safe);
}

static const char *sign_of(judge_answer answer)
{
    return answer == ANSWER_HOLDS ? "✓" : answer == ANSWER_VIOLATED ? "✗" : "?";
}

static void put_head(const verdict *v, buffer *out)
{
    char length[32];
    buffer_printf(out, "## %s: ",
                  v->kind == VERDICT_PASS   ? "✓ pass"
                  : v->kind == VERDICT_FAIL ? "✗ fail"
                                            : verdict_name(v->kind));
    put_cell(v->scenario->name, out);
    buffer_printf(out, "\n\n%" PRIu64 " operations in %s, seed %" PRIu64 ", target ", v->operations,
                  units_show_duration(v->load_end - v->load_begin, length), v->scenario->seed);
    put_cell(v->scenario->target.name, out);
    buffer_text_append(out, "\n\n| | invariant | |\n|---|---|---|\n");
}

static void put_summary(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    char value[32];
    put_head(v, out);
    for (size_t i = 0; i < v->invariant_count; i++) {
        buffer_printf(out, "| %s | %s | ", sign_of(v->invariants[i].finding.answer),
                      v->invariants[i].judge->name);
        put_cell(v->invariants[i].finding.sentence, out);
        buffer_text_append(out, " |\n");
    }
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        buffer_printf(out, "| %s | ", v->thresholds[i].holds ? "✓" : "✗");
        put_cell(v->thresholds[i].threshold->text, out);
        buffer_printf(out, " | %s |\n", show_threshold_value(&v->thresholds[i], value));
    }
    for (size_t i = 0; i < v->reason_count; i++) {
        buffer_text_append(out, "\n- ");
        put_cell(v->reasons[i], out);
    }
    if (v->kind != VERDICT_PASS)
        buffer_printf(out, "\n\nAgain: `ordeal replay %s`\n", f->directory);
    buffer_text_append(out, "\n");
}

bool github_summary(const facts *f, error *e)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    buffer text = {0};
    if (path == NULL || path[0] == '\0')
        return true;
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return error_errno(e, path, "cannot append the step summary");
    put_summary(f, &text);
    bool fine = files_write_all(file, buffer_text(&text), text.length);
    if (close(file) != 0 || !fine)
        fine = error_errno(e, path, "cannot append the step summary");
    buffer_free(&text);
    return fine;
}

/* As workflow commands want it. */
static void put_message(const char *text, buffer *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '\r' || *text == '\n')
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            buffer_append(out, text, 1);
    }
    buffer_text_append(out, "\n");
}

void github_annotations(const facts *f, buffer *out)
{
    const verdict *v = f->verdict;
    const char *actions = getenv("GITHUB_ACTIONS");
    char value[32];
    if (actions == NULL || strcmp(actions, "true") != 0)
        return;
    for (size_t i = 0; i < v->invariant_count; i++) {
        const judge_finding *finding = &v->invariants[i].finding;
        if (finding->answer == ANSWER_HOLDS)
            continue;
        buffer_printf(
            out, "::%s title=%s %s::", finding->answer == ANSWER_VIOLATED ? "error" : "warning",
            v->invariants[i].judge->name, verdict_answer_name(finding->answer));
        put_message(finding->sentence, out);
    }
    for (size_t i = 0; i < v->scenario->threshold_count; i++) {
        buffer line = {0};
        if (v->thresholds[i].holds)
            continue;
        buffer_printf(&line, "%s, measured %s", v->thresholds[i].threshold->text,
                      show_threshold_value(&v->thresholds[i], value));
        buffer_text_append(out, "::error title=threshold missed::");
        put_message(buffer_text(&line), out);
        buffer_free(&line);
    }
    for (size_t i = 0; i < v->reason_count; i++) {
        buffer_text_append(out, "::warning title=run proves nothing::");
        put_message(v->reasons[i], out);
    }
}
