#include "reports/run_figures.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/json_writer.h"
#include "base/units.h"

#define DOCUMENT_MOST ((size_t)16 << 20)
#define SCHEMA        1
#define KIND          "ordeal base line"

#define OPERATIONS_LEAST 50  /* of a kind, for its figures to say anything */
#define RECOVERY_STEP    1e8 /* nanoseconds: what the questions of the quiet period can tell apart */

const char *const block_names[BLOCK_KINDS] = {"throughput", "p50_ns", "p99_ns"};

/* --- reading a run's directory --- */

static json_t *read_json(const char *path, error *e)
{
    buffer text = {0};
    json_error_t wrong;
    json_t *root = NULL;
    if (files_read(path, DOCUMENT_MOST, &text, e)) {
        root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, &wrong);
        if (root == NULL)
            error_set(e, ERROR_USAGE, path, "line %d: %s", wrong.line, wrong.text);
    } else {
        e->kind = ERROR_USAGE;
    }
    buffer_free(&text);
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void add_figure(run_figures *r, const char *of, const char *name, const char *unit,
                       bool bigger, double value)
{
    if (r->count == FIGURES_MOST)
        return;
    run_figure *f = &r->figures[r->count++];
    snprintf(f->name, sizeof f->name, "%.24s%s%.20s", of, of[0] != '\0' ? " " : "", name);
    snprintf(f->unit, sizeof f->unit, "%.7s", unit);
    f->bigger_is_better = bigger;
    f->value = value;
}

static void take_operation(run_figures *r, const char *name, const json_t *operation)
{
    const json_t *corrected = json_object_get(operation, "corrected");
    double ok = number_of(operation, "ok");
    double all = ok + number_of(operation, "failed") + number_of(operation, "unknown");
    if (all < OPERATIONS_LEAST)
        return;
    if (r->load_seconds > 0)
        add_figure(r, name, "rate", "/s", true, ok / r->load_seconds);
    add_figure(r, name, "errors", "", false, (all - ok) / all);
    /* A percentile needs some operations beyond it. */
    double timed = number_of(corrected, "count");
    if (timed >= 50)
        add_figure(r, name, "p50", "ns", false, number_of(corrected, "p50_ns"));
    if (timed >= 500)
        add_figure(r, name, "p99", "ns", false, number_of(corrected, "p99_ns"));
    if (timed >= 5000)
        add_figure(r, name, "p99.9", "ns", false, number_of(corrected, "p99_9_ns"));
}

static void take_detection(run_figures *r, const json_t *invariants)
{
    for (size_t i = 0; i < json_array_size(invariants); i++) {
        const json_t *one = json_array_get(invariants, i);
        const json_t *seconds = json_object_get(one, "detection_s");
        if (json_is_number(seconds))
            add_figure(r, text_of(one, "name"), "detection", "s", false,
                       json_number_value(seconds));
    }
}

static void take_blocks(run_figures *r, const json_t *blocks)
{
    for (size_t kind = 0; kind < BLOCK_KINDS; kind++) {
        const json_t *values = json_object_get(blocks, block_names[kind]);
        size_t count = json_array_size(values);
        r->block_count = count < BLOCKS_MOST ? count : BLOCKS_MOST;
        for (size_t i = 0; i < r->block_count; i++)
            r->blocks[kind][i] = json_number_value(json_array_get(values, i));
    }
}

static void take_summary(run_figures *r, const json_t *summary)
{
    json_t *operations = json_object_get(summary, "operations");
    json_t *recovery = json_object_get(summary, "recovery_ns");
    r->load_seconds = number_of(summary, "load_seconds");
    snprintf(r->verdict, sizeof r->verdict, "%.15s", text_of(summary, "verdict"));
    for (void *at = json_object_iter(operations); at != NULL;
         at = json_object_iter_next(operations, at))
        take_operation(r, json_object_iter_key(at), json_object_iter_value(at));
    add_figure(r, "", "target memory", "B", false,
               number_of(summary, "target_resident_most_bytes"));
    if (json_is_number(recovery))
        add_figure(r, "", "recovery", "ns", false,
                   ceil(json_number_value(recovery) / RECOVERY_STEP) * RECOVERY_STEP);
    take_detection(r, json_object_get(summary, "invariants"));
    take_blocks(r, json_object_get(summary, "blocks"));
}

/* Everything of the scenario that makes two runs the same test: not its target, not its seed. */
static void hash_plan(run_figures *r, const json_t *plan)
{
    json_t *copy = json_deep_copy(plan);
    json_object_del(copy, "target");
    json_object_del(copy, "seed");
    char *text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
    snprintf(r->plan, sizeof r->plan, "%016" PRIx64,
             text != NULL ? XXH3_64bits(text, strlen(text)) : 0);
    free(text);
    json_decref(copy);
}

static void take_run(run_figures *r, const json_t *run)
{
    const json_t *host = json_object_get(run, "host");
    const json_t *plan = json_object_get(run, "scenario");
    char memory[32];
    units_show_size((uint64_t)number_of(host, "memory_bytes") >> 28 << 28, memory);
    snprintf(r->host, sizeof r->host, "%.32s, %.0f processors, %s", text_of(host, "machine"),
             number_of(host, "processors"), memory);
    snprintf(r->scenario, sizeof r->scenario, "%.127s", text_of(plan, "name"));
    snprintf(r->target, sizeof r->target, "%.63s", text_of(run, "target"));
    snprintf(r->began, sizeof r->began, "%.31s", text_of(run, "began"));
    snprintf(r->seed, sizeof r->seed, "%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(run, "seed")));
    hash_plan(r, plan);
}

static bool read_directory(run_figures *r, const char *directory, error *e)
{
    char path[700];
    json_t *run =
        files_join(path, sizeof path, directory, "run.json", e) ? read_json(path, e) : NULL;
    json_t *summary = run != NULL && files_join(path, sizeof path, directory, "summary.json", e)
                          ? read_json(path, e)
                          : NULL;
    bool fine = run != NULL && summary != NULL;
    if (fine) {
        snprintf(r->source, sizeof r->source, "%.255s", directory);
        take_run(r, run);
        take_summary(r, summary);
    }
    json_decref(run);
    json_decref(summary);
    return fine;
}

/* --- a list of runs --- */

static run_figures *new_run(run_list *l)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity > 0 ? l->capacity * 2 : 8;
        l->runs = memory_resize(l->runs, l->capacity * sizeof(run_figures *));
    }
    return l->runs[l->count++] = memory_zeroed(1, sizeof *l->runs[0]);
}

static void drop_last(run_list *l)
{
    free(l->runs[--l->count]);
}

void run_list_free(run_list *l)
{
    while (l->count > 0)
        drop_last(l);
    free(l->runs);
    *l = (run_list){0};
}

const run_figure *run_figure_of(const run_figures *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->figures[i].name, name) == 0)
            return &r->figures[i];
    return NULL;
}

/* --- base line files --- */

static void read_stored(run_figures *r, const char *path, const json_t *stored)
{
    const json_t *figures = json_object_get(stored, "figures");
    snprintf(r->source, sizeof r->source, "%.255s", path);
    snprintf(r->scenario, sizeof r->scenario, "%.127s", text_of(stored, "scenario"));
    snprintf(r->plan, sizeof r->plan, "%.16s", text_of(stored, "plan"));
    snprintf(r->target, sizeof r->target, "%.63s", text_of(stored, "target"));
    snprintf(r->host, sizeof r->host, "%.127s", text_of(stored, "host"));
    snprintf(r->verdict, sizeof r->verdict, "%.15s", text_of(stored, "verdict"));
    snprintf(r->began, sizeof r->began, "%.31s", text_of(stored, "began"));
    snprintf(r->seed, sizeof r->seed, "%.23s", text_of(stored, "seed"));
    r->load_seconds = number_of(stored, "load_seconds");
    for (size_t i = 0; i < json_array_size(figures); i++) {
        const json_t *figure = json_array_get(figures, i);
        add_figure(r, "", "", text_of(figure, "unit"),
                   json_is_true(json_object_get(figure, "bigger_is_better")),
                   number_of(figure, "value"));
        if (r->count > i)
            snprintf(r->figures[i].name, sizeof r->figures[i].name, "%.47s",
                     text_of(figure, "name"));
    }
    take_blocks(r, json_object_get(stored, "blocks"));
}

static bool read_file(run_list *l, const char *path, error *e)
{
    json_t *root = read_json(path, e);
    if (root == NULL)
        return false;
    bool ours =
        strcmp(text_of(root, "kind"), KIND) == 0 && (int)number_of(root, "schema") == SCHEMA;
    const json_t *runs = json_object_get(root, "runs");
    for (size_t i = 0; ours && i < json_array_size(runs); i++)
        read_stored(new_run(l), path, json_array_get(runs, i));
    json_decref(root);
    return ours || error_set(e, ERROR_USAGE, path,
                             "is no base line file of this ordeal, nor a run directory");
}

static void write_run(const run_figures *r, json_writer *w)
{
    writer_object(w);
    writer_put_text(w, "scenario", r->scenario);
    writer_put_text(w, "plan", r->plan);
    writer_put_text(w, "target", r->target);
    writer_put_text(w, "host", r->host);
    writer_put_text(w, "verdict", r->verdict);
    writer_put_text(w, "began", r->began);
    writer_put_text(w, "seed", r->seed);
    writer_put_real(w, "load_seconds", r->load_seconds);
    writer_key(w, "figures");
    writer_array(w);
    for (size_t i = 0; i < r->count; i++) {
        writer_object(w);
        writer_put_text(w, "name", r->figures[i].name);
        writer_put_text(w, "unit", r->figures[i].unit);
        writer_put_bool(w, "bigger_is_better", r->figures[i].bigger_is_better);
        writer_put_real(w, "value", r->figures[i].value);
        writer_object_end(w);
    }
    writer_array_end(w);
    writer_key(w, "blocks");
    writer_object(w);
    for (size_t kind = 0; kind < BLOCK_KINDS; kind++) {
        writer_key(w, block_names[kind]);
        writer_array(w);
        for (size_t i = 0; i < r->block_count; i++)
            writer_real(w, r->blocks[kind][i]);
        writer_array_end(w);
    }
    writer_object_end(w);
    writer_object_end(w);
}

void run_list_write(const run_list *l, buffer *out)
{
    json_writer w = writer_begin(out);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", SCHEMA);
    writer_put_text(&w, "kind", KIND);
    writer_key(&w, "runs");
    writer_array(&w);
    for (size_t i = 0; i < l->count; i++)
        write_run(l->runs[i], &w);
    writer_array_end(&w);
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}

/* --- adding --- */

bool run_list_add(run_list *l, const char *path, error *e)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        error_errno(e, path, "cannot be read");
        e->kind = ERROR_USAGE;
        return false;
    }
    if (!S_ISDIR(status.st_mode))
        return read_file(l, path, e);
    if (read_directory(new_run(l), path, e))
        return true;
    drop_last(l);
    return false;
}

static int by_began(const void *a, const void *b)
{
    const run_figures *x = *(run_figures *const *)a;
    const run_figures *y = *(run_figures *const *)b;
    int order = strcmp(x->began, y->began);
    return order != 0 ? order : strcmp(x->source, y->source);
}

bool run_list_add_folder(run_list *l, const char *folder, size_t *left_out, error *e)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    char path[700];
    *left_out = 0;
    if (directory == NULL) {
        error_errno(e, folder, "cannot be read");
        e->kind = ERROR_USAGE;
        return false;
    }
    while ((entry = readdir(directory)) != NULL) {
        error unfinished = {0};
        struct stat status;
        if (entry->d_name[0] == '.' ||
            !files_join(path, sizeof path, folder, entry->d_name, &unfinished) ||
            stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
            continue;
        if (!read_directory(new_run(l), path, &unfinished)) {
            drop_last(l);
            ++*left_out;
        }
    }
    closedir(directory);
    if (l->count > 0)
        qsort(l->runs, l->count, sizeof(run_figures *), by_began);
    return true;
}
