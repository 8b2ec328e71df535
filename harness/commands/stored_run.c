#include "commands/stored_run.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/timing.h"
#include "reports/github.h"
#include "reports/report.h"
#include "run/runner.h"

#define RUN_SCHEMA    1
#define RUN_JSON_MOST ((size_t)4 << 20)

static void write_host(json_writer *w)
{
    struct utsname host;
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    writer_key(w, "host");
    writer_object(w);
    if (uname(&host) == 0) {
        writer_put_text(w, "name", host.nodename);
        writer_put_text(w, "system", host.sysname);
        writer_put_text(w, "release", host.release);
        writer_put_text(w, "machine", host.machine);
    }
    writer_put_signed(w, "processors", sysconf(_SC_NPROCESSORS_ONLN));
    if (pages > 0 && page > 0)
        writer_put_whole(w, "memory_bytes", (uint64_t)pages * (uint64_t)page);
    writer_object_end(w);
}

/* The libraries that shape what is measured. */
static void write_versions(json_writer *w)
{
    writer_key(w, "versions");
    writer_object(w);
    writer_put_text(w, "compiler", __VERSION__);
    writer_put_text(w, "curl", curl_version_info(CURLVERSION_NOW)->version);
    writer_object_end(w);
}

/* `v` NULL before the verdict is known. */
static bool write_run_json(const char *directory, const scenario *s, const run_origin *origin,
                           const verdict *v, error *e)
{
    char path[600];
    char time[32];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", RUN_SCHEMA);
    writer_put_text(&w, "ordeal", ORDEAL_VERSION);
    writer_put_text(&w, "began", timing_wall_text(origin->began, time));
    writer_put_whole(&w, "began_ns", origin->began);
    writer_put_text(&w, "written", timing_wall_text(timing_wall(), time));
    writer_put_text(&w, "verdict", v != NULL ? verdict_name(v->kind) : NULL);
    writer_put_whole(&w, "seed", s->seed);
    writer_put_text(&w, "target", s->target.name);
    writer_key(&w, "argv");
    writer_array(&w);
    for (int i = 0; i < origin->argc; i++)
        writer_text(&w, origin->argv[i]);
    writer_array_end(&w);
    write_host(&w);
    write_versions(&w);
    writer_key(&w, "scenario");
    node_write_json(s->tree, &w);
    writer_object_end(&w);
    buffer_append(&text, "\n", 1);
    bool fine = files_join(path, sizeof path, directory, "run.json", e) &&
                files_replace(path, buffer_text(&text), text.length, e);
    buffer_free(&text);
    return fine;
}

/* The scenario inside run.json, as text for the scenario loader. Released by free(). */
static char *stored_scenario(const char *path, error *e)
{
    buffer text = {0};
    json_error_t wrong;
    char *dumped = NULL;
    if (!files_read(path, RUN_JSON_MOST, &text, e)) {
        e->kind = ERROR_USAGE;
        buffer_free(&text);
        return NULL;
    }
    json_t *root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, &wrong);
    json_t *inner = json_object_get(root, "scenario");
    if (root == NULL)
        error_set(e, ERROR_USAGE, path, "line %d: %s", wrong.line, wrong.text);
    else if (!json_is_object(inner) ||
             json_integer_value(json_object_get(root, "schema")) != RUN_SCHEMA)
        error_set(e, ERROR_USAGE, path, "is not the run.json of a run of this ordeal");
    else
        dumped = json_dumps(inner, JSON_INDENT(1));
    json_decref(root);
    buffer_free(&text);
    return dumped;
}

bool stored_run_open(const char *directory, stored_run *out, error *e)
{
    char path[600];
    *out = (stored_run){.directory = ""};
    snprintf(out->directory, sizeof out->directory, "%s", directory);
    size_t length = strlen(out->directory);
    while (length > 1 && out->directory[length - 1] == '/')
        out->directory[--length] = '\0';
    if (!files_join(path, sizeof path, out->directory, "run.json", e))
        return false;
    char *json = stored_scenario(path, e);
    if (json == NULL)
        return false;
    out->scenario = scenario_from_json(path, json, strlen(json), e);
    free(json);
    if (out->scenario == NULL || !files_join(path, sizeof path, out->directory, "history.bin", e)) {
        stored_run_close(out);
        return false;
    }
    out->history = history_open(path, e);
    if (out->history == NULL) {
        e->kind = ERROR_USAGE;
        stored_run_close(out);
        return false;
    }
    return true;
}

void stored_run_close(stored_run *run)
{
    history_free(run->history);
    scenario_free(run->scenario);
    *run = (stored_run){.directory = ""};
}

static bool wants_colours(void)
{
    return isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
}

void stored_run_tell(const stored_run *run)
{
    verdict *v = verdict_make(run->scenario, run->history, run->directory);
    facts *f = facts_gather(v, run->directory);
    buffer text = {0};
    reports_invariants(f, wants_colours(), &text);
    fputs(buffer_text(&text), stdout);
    buffer_free(&text);
    facts_free(f);
    verdict_free(v);
}

int stored_run_judge(const stored_run *run, bool quiet, const run_origin *origin, error *e)
{
    verdict *v = verdict_make(run->scenario, run->history, run->directory);
    int code = verdict_exit_code(v->kind);
    buffer text = {0};
    error unwritten = {0};
    /* run.json first: the reports quote it. */
    bool written = origin == NULL || write_run_json(run->directory, run->scenario, origin, v, e);
    facts *f = written ? facts_gather(v, run->directory) : NULL;
    if (f == NULL || !reports_write(f, e)) {
        code = -1;
    } else {
        if (!quiet)
            reports_terminal(f, wants_colours(), &text);
        else
            buffer_printf(&text, "verdict: %s\n", verdict_name(v->kind));
        github_annotations(f, &text);
        /* A summary that cannot be written is no reason to lose the verdict. */
        if (!github_summary(f, &unwritten))
            log_error(&unwritten);
        fputs(buffer_text(&text), stdout);
    }
    buffer_free(&text);
    facts_free(f);
    verdict_free(v);
    return code;
}

typedef struct {
    const scenario *scenario;
    run_origin run;
} origin_keeper;

static bool write_begun(void *owner, const char *directory, uint64_t began, error *e)
{
    origin_keeper *o = owner;
    o->run.began = began;
    return write_run_json(directory, o->scenario, &o->run, NULL, e);
}

int stored_run_make(const plan *p, const char *runs_folder, const live_options *view,
                    bool keep_data, int argc, char **argv, char directory[512], error *e)
{
    origin_keeper keeper = {p->scenario, {argc, argv, timing_wall()}};
    run_options options = {.runs_folder = runs_folder,
                           .live = *view,
                           .keep_data = keep_data,
                           .begun = write_begun,
                           .owner = &keeper};
    run_result result = {.directory = ""};
    stored_run run;
    if (!run_execute(p, &options, &result, e) || !stored_run_open(result.directory, &run, e))
        return -1;
    memcpy(directory, run.directory, sizeof run.directory);
    int code = stored_run_judge(&run, view->quiet, &keeper.run, e);
    stored_run_close(&run);
    return code;
}
