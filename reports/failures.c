#include "reports/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/files.h"
#include "engine/content.h"
#include "history/operations.h"
#include "reports/evidence_write.h"
#include "reports/reproduction.h"

#define CONTENT_WRITTEN ((size_t)16 << 20) /* a larger file is cut there */

static bool put_file(const char *folder, const char *name, const buffer *text, error *e)
{
    char path[700];
    return files_join(path, sizeof path, folder, name, e) &&
           files_replace(path, buffer_text(text), text->length, e);
}

/* --- repro.sh --- */

static bool write_script(const facts *f, const char *folder, const verdict_invariant *n, error *e)
{
    buffer text = {0};
    buffer request = {0};
    char path[700];
    buffer_text_append(&text, "#!/bin/sh\n");
    buffer_printf(&text,
                  "# Runs the plan of this run again: same scenario, seed and faults. Exit code 1: "
                  "%s\n# or another invariant is violated again. Give --times N for how often it "
                  "is.\nset -eu\nhere=$(cd \"$(dirname \"$0\")\" && pwd)\n",
                  n->judge->name);
    if (reproduction_curl(f, &n->finding, &request))
        buffer_printf(&text,
                      "# One request shows it on a target that holds the run's data (ordeal run "
                      "--keep-data):\n#   %s\n",
                      buffer_text(&request));
    buffer_text_append(&text, "exec ordeal replay \"$here/../..\" \"$@\"\n");
    bool fine = put_file(folder, "repro.sh", &text, e) &&
                files_join(path, sizeof path, folder, "repro.sh", e) &&
                (chmod(path, 0755) == 0 || error_errno(e, path, "cannot be made executable"));
    buffer_free(&request);
    buffer_free(&text);
    return fine;
}

/* --- evidence.json --- */

static bool write_evidence(const facts *f, const char *folder, const verdict_invariant *n, error *e)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", 1);
    writer_put_text(&w, "invariant", n->judge->name);
    writer_put_text(&w, "definition", n->judge->definition);
    writer_put_text(&w, "sentence", n->finding.sentence);
    writer_put_whole(&w, "violations", n->finding.violations);
    writer_put_whole(&w, "first_at_ns", n->finding.first_at);
    evidence_write(f, &n->finding, &w);
    writer_object_end(&w);
    buffer_text_append(&text, "\n");
    bool fine = put_file(folder, "evidence.json", &text, e);
    buffer_free(&text);
    return fine;
}

/* --- bytes --- */

/* The operation that wrote `value`, to know the size of what it wrote. */
static bool find_write(const history *h, uint64_t value, history_record *write)
{
    for (size_t i = 0; i < history_count(h) && value != 0; i++) {
        *write = history_get(h, i);
        if (write->kind == RECORD_OPERATION && write->type == OPERATION_PUT &&
            write->value == value)
            return true;
    }
    return false;
}

/* Contents are generated from who wrote them, so what should have come can be made again. */
static bool write_expected(const facts *f, const char *folder, const history_record *read, error *e)
{
    const history *h = f->verdict->history;
    history_record write;
    if (!find_write(h, read->value, &write) || write.size == 0)
        return true;
    size_t size = write.size < CONTENT_WRITTEN ? (size_t)write.size : CONTENT_WRITTEN;
    content what = {
        .seed = f->verdict->scenario->seed,
        .value = write.value,
        .key = content_key_hash(history_text(h, write.key), history_text_length(h, write.key)),
        .size = write.size};
    char path[700];
    unsigned char *bytes = memory_take(size);
    content_make(&what, 0, bytes, size);
    bool fine = files_join(path, sizeof path, folder, "expected.bin", e) &&
                files_replace(path, bytes, size, e);
    free(bytes);
    return fine;
}

static void tell_bytes(const history *h, const history_record *read, const history_record *part,
                       buffer *out)
{
    char expected[96];
    char seen[96];
    const char *sentence = history_text(h, part->detail);
    evidence_bytes(sentence, expected, seen, sizeof expected);
    buffer_printf(out,
                  "%s %" PRIu32 "/%" PRIu32 " of %.300s: %s\noffset   %" PRIu64
                  "\nexpected %s\nseen     %s\n",
                  operation_row_of(read->type)->name, read->client, read->sequence,
                  history_text(h, read->key), sentence, part->size, expected, seen);
    if (part->value != 0)
        buffer_printf(out, "they belong to write %" PRIu32 "/%" PRIu32 "\n",
                      (uint32_t)(part->value >> 32), (uint32_t)part->value);
    buffer_text_append(out, "expected.bin, where it is there, is the whole content of the write "
                            "whose bytes these should be.\n");
}

static bool write_bytes(const facts *f, const char *folder, const judge_finding *finding, error *e)
{
    const history *h = f->verdict->history;
    for (size_t i = 0; i < finding->step_count; i++) {
        history_record part;
        size_t at = finding->steps[i].record;
        if (at == EVIDENCE_NO_RECORD || !evidence_mismatch(h, at, &part))
            continue;
        history_record read = history_get(h, at);
        buffer text = {0};
        tell_bytes(h, &read, &part, &text);
        bool fine = put_file(folder, "bytes.txt", &text, e) && write_expected(f, folder, &read, e);
        buffer_free(&text);
        return fine;
    }
    return true;
}

/* --- the folder --- */

static bool write_failure(const facts *f, const char *failures, const verdict_invariant *n,
                          error *e)
{
    char folder[640];
    return files_join(folder, sizeof folder, failures, n->judge->name, e) &&
           files_make_directories(folder, 0755, e) && write_script(f, folder, n, e) &&
           write_evidence(f, folder, n, e) && write_bytes(f, folder, &n->finding, e);
}

bool failures_write(const facts *f, error *e)
{
    char failures[600];
    struct stat status;
    if (!files_join(failures, sizeof failures, f->directory, "failures", e))
        return false;
    if (stat(failures, &status) == 0 && !files_remove_tree(failures, e))
        return false;
    for (size_t i = 0; i < f->verdict->invariant_count; i++) {
        const verdict_invariant *n = &f->verdict->invariants[i];
        if (n->finding.answer == ANSWER_VIOLATED && !write_failure(f, failures, n, e))
            return false;
    }
    return true;
}
