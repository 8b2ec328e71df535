/* ordeal history RUN: the history as NDJSON. */
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/json_writer.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "history/operations.h"
#include "history/reader.h"

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = {"?", "operation", "part", "fault", "sample", "event"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

static const char *type_name(const history_record *r)
{
    switch (r->kind) {
    case RECORD_OPERATION:
        return operation_row_of(r->type)->name;
    case RECORD_PART:
        return part_name(r->type);
    case RECORD_FAULT:
        return fault_record_name(r->type);
    case RECORD_EVENT:
        return event_name(r->type);
    default:
        return "resources";
    }
}

static void put_name(const history *h, json_writer *w, const char *key, uint32_t name)
{
    if (name == 0)
        return;
    writer_key(w, key);
    writer_text_sized(w, history_text(h, name), history_text_length(h, name));
}

static void put_sample(const history_record *r, json_writer *w)
{
    writer_put_whole(w, "resident", r->value);
    writer_put_whole(w, "proportional", r->late);
    writer_put_whole(w, "processor_us", r->size);
    writer_put_whole(w, "disk", r->expected);
    writer_put_whole(w, "threads", r->version);
    writer_put_whole(w, "descriptors", r->detail);
    writer_put_whole(w, "processes", r->sequence);
    writer_put_whole(w, "temporary_files", r->client);
}

static void put_value(json_writer *w, const char *key, uint64_t value)
{
    char text[32];
    if (value == 0)
        return;
    snprintf(text, sizeof text, "%u/%u", (unsigned)(value >> 32), (unsigned)value);
    writer_put_text(w, key, text);
}

static void put_flags(json_writer *w, unsigned flags)
{
    static const char *const names[] = {"if-match",     "if-absent", "absent", "final",
                                        "unidentified", "completes", "atomic", "retryable"};
    if (flags == 0)
        return;
    writer_key(w, "flags");
    writer_array(w);
    for (unsigned i = 0; i < 8; i++)
        if (flags >> i & 1)
            writer_text(w, names[i]);
    writer_array_end(w);
}

static void put_operation(const history *h, const history_record *r, json_writer *w)
{
    writer_put_whole(w, "client", r->client);
    writer_put_whole(w, "sequence", r->sequence);
    put_name(h, w, "key", r->key);
    writer_key(w, "finish");
    r->finish == HISTORY_NEVER ? writer_null(w) : writer_whole(w, r->finish);
    writer_put_text(w, "outcome", outcome_name(r->outcome));
    if (r->failure != FAILURE_NONE)
        writer_put_text(w, "failure", failure_name(r->failure));
    writer_put_whole(w, "status", r->status);
    put_value(w, "value", r->value);
    writer_put_whole(w, "size", r->size);
    if (r->flags & FLAG_IF_MATCH)
        put_value(w, "expected", r->expected);
    else if (r->expected != 0)
        writer_put_whole(w, "expected", r->expected);
    if (r->version != 0)
        writer_put_whole(w, "version", r->version);
    if (r->late != 0)
        writer_put_whole(w, "late", r->late);
    put_flags(w, r->flags);
    put_name(h, w, "detail", r->detail);
}

static void put_rest(const history *h, const history_record *r, json_writer *w)
{
    put_name(h, w, "key", r->key);
    if (r->kind == RECORD_PART) {
        writer_put_whole(w, "client", r->client);
        writer_put_whole(w, "sequence", r->sequence);
        writer_put_whole(w, "size", r->size);
        writer_put_whole(w, "version", r->version);
    }
    if (r->kind == RECORD_EVENT && r->type == EVENT_TARGET_EXIT)
        writer_put_bool(w, "planned", r->status == 1);
    writer_put_whole(w, "value", r->value);
    put_name(h, w, "detail", r->detail);
}

static bool print_record(const history *h, const history_record *r, error *e)
{
    buffer line = {0};
    json_writer w = writer_begin(&line);
    writer_object(&w);
    writer_put_text(&w, "kind", kind_name(r->kind));
    writer_put_text(&w, "type", type_name(r));
    writer_put_whole(&w, "at", r->invoke);
    if (r->kind == RECORD_OPERATION)
        put_operation(h, r, &w);
    else if (r->kind == RECORD_SAMPLE)
        put_sample(r, &w);
    else
        put_rest(h, r, &w);
    writer_object_end(&w);
    bool fine = fprintf(stdout, "%s\n", buffer_text(&line)) >= 0;
    buffer_free(&line);
    return fine || error_errno(e, "standard output", "cannot write");
}

static int history_command(int argc, char **argv, error *e)
{
    char path[600];
    flag help = {"help", NULL, "this text", {0}, 0, false};
    int operands;
    if (!flags_read(&help, 1, argc, argv, &operands, e))
        return command_failed(e);
    if (help.count > 0) {
        puts("usage: ordeal history RUN\n\nPrints the run's history, one JSON object a line; times "
             "are nanoseconds since its start.");
        return 0;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal history", "give one run directory");
        return command_failed(e);
    }
    history *h =
        files_join(path, sizeof path, argv[1], "history.bin", e) ? history_open(path, e) : NULL;
    if (h == NULL) {
        e->kind = ERROR_USAGE;
        return command_failed(e);
    }
    bool fine = true;
    for (size_t i = 0; fine && i < history_count(h); i++) {
        history_record r = history_get(h, i);
        fine = print_record(h, &r, e);
    }
    if (!history_complete(h))
        fprintf(stderr, "ordeal: the history is incomplete%s%s\n",
                history_damage(h) != NULL ? ": " : "",
                history_damage(h) != NULL ? history_damage(h) : "");
    history_free(h);
    return fine ? 0 : command_failed(e);
}

const command command_history = {"history", "RUN", "prints a run's history, one JSON object a line",
                                 history_command};
