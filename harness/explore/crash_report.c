/* What `ordeal crash` keeps and says: crash.json there and back, and the summary. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/json_writer.h"
#include "base/units.h"
#include "explore/crash.h"

#define REPORT_SCHEMA 1
#define REPORT_MOST   ((size_t)1 << 20)

/* Numbers that are written and read under the same names. */
#define NUMBER(field)                                                                              \
    {                                                                                              \
#field, offsetof(crash_report, field)                                                      \
    }
static const struct {
    const char *name;
    size_t at;
} numbers[] = {
    NUMBER(log_operations), NUMBER(cuts),           NUMBER(cuts_done), NUMBER(last_cut),
    NUMBER(disks),          NUMBER(disks_distinct), NUMBER(servers),   NUMBER(judged_writes),
    NUMBER(nanoseconds),    NUMBER(bad_beyond),
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

static uint64_t *number_at(const crash_report *r, size_t i)
{
    return (uint64_t *)(uintptr_t)((const char *)r + numbers[i].at);
}

/* --- writing --- */

static void write_options(json_writer *w, const crash_options *o)
{
    writer_key(w, "options");
    writer_object(w);
    writer_put_whole(w, "cuts", o->cuts);
    writer_put_whole(w, "seeds", o->seeds);
    writer_put_whole(w, "seed", o->seed);
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        writer_put_bool(w, replay_model_name(m), o->models[m]);
    writer_object_end(w);
}

static void write_counts(json_writer *w, const char *name, const uint64_t counts[REPLAY_MODELS])
{
    writer_key(w, name);
    writer_object(w);
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        writer_put_whole(w, replay_model_name(m), counts[m]);
    writer_object_end(w);
}

static void write_finding(json_writer *w, const crash_finding *f)
{
    writer_object(w);
    writer_put_whole(w, "cut", f->cut);
    writer_put_whole(w, "last_cut", f->last_cut);
    writer_put_text(w, "model", replay_model_name(f->model));
    writer_put_whole(w, "seed", f->seed);
    writer_put_whole(w, "disks", f->disks);
    writer_put_text(w, "invariant", f->invariant);
    writer_put_text(w, "sentence", f->sentence);
    writer_put_text(w, "blame", f->blame.sentence);
    writer_key(w, "operations");
    writer_array(w);
    for (size_t i = 0; i < f->blame.count; i++)
        writer_whole(w, f->blame.operations[i]);
    writer_array_end(w);
    writer_object_end(w);
}

bool crash_report_write(const crash_report *r, const char *path, error *e)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", REPORT_SCHEMA);
    writer_put_bool(&w, "interrupted", r->interrupted || r->cuts_done < r->cuts);
    write_options(&w, &r->options);
    for (size_t i = 0; i < NUMBERS; i++)
        writer_put_whole(&w, numbers[i].name, *number_at(r, i));
    write_counts(&w, "disks_by_model", r->disks_by_model);
    write_counts(&w, "bad_by_model", r->bad_by_model);
    writer_key(&w, "findings");
    writer_array(&w);
    for (size_t i = 0; i < r->finding_count; i++)
        write_finding(&w, &r->findings[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    buffer_append(&text, "\n", 1);
    bool done = files_replace(path, buffer_text(&text), text.length, e);
    buffer_free(&text);
    return done;
}

/* --- reading --- */

static uint64_t whole(const json_t *in, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(in, name));
}

static void take_text(const json_t *in, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(in, name));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool same_options(const json_t *in, const crash_options *o)
{
    bool same = json_is_object(in) && whole(in, "cuts") == o->cuts &&
                whole(in, "seeds") == o->seeds && whole(in, "seed") == o->seed;
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        same = same && json_is_true(json_object_get(in, replay_model_name(m))) == o->models[m];
    return same;
}

static void take_finding(const json_t *in, crash_finding *f)
{
    char model[16];
    take_text(in, "model", model, sizeof model);
    *f = (crash_finding){.cut = whole(in, "cut"),
                         .last_cut = whole(in, "last_cut"),
                         .model = replay_model_named(model),
                         .seed = whole(in, "seed"),
                         .disks = whole(in, "disks")};
    take_text(in, "invariant", f->invariant, sizeof f->invariant);
    take_text(in, "sentence", f->sentence, sizeof f->sentence);
    take_text(in, "blame", f->blame.sentence, sizeof f->blame.sentence);
    const json_t *operations = json_object_get(in, "operations");
    for (size_t i = 0; i < json_array_size(operations) && i < BLAME_OPERATIONS_MOST; i++)
        f->blame.operations[f->blame.count++] =
            (uint64_t)json_integer_value(json_array_get(operations, i));
}

static void take_counts(const json_t *in, uint64_t counts[REPLAY_MODELS])
{
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        counts[m] = whole(in, replay_model_name(m));
}

bool crash_report_read(const char *path, const crash_options *options, crash_report *out)
{
    buffer text = {0};
    error none = {0};
    json_t *root = NULL;
    *out = (crash_report){.options = *options};
    if (files_read(path, REPORT_MOST, &text, &none))
        root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
    buffer_free(&text);
    bool fits = whole(root, "schema") == REPORT_SCHEMA &&
                same_options(json_object_get(root, "options"), options);
    if (fits) {
        out->interrupted = json_is_true(json_object_get(root, "interrupted"));
        for (size_t i = 0; i < NUMBERS; i++)
            *number_at(out, i) = whole(root, numbers[i].name);
        take_counts(json_object_get(root, "disks_by_model"), out->disks_by_model);
        take_counts(json_object_get(root, "bad_by_model"), out->bad_by_model);
        const json_t *findings = json_object_get(root, "findings");
        for (size_t i = 0; i < json_array_size(findings) && i < CRASH_FINDINGS_MOST; i++)
            take_finding(json_array_get(findings, i), &out->findings[out->finding_count++]);
    }
    json_decref(root);
    return fits;
}

/* --- for people --- */

static void print_finding(const crash_finding *f)
{
    printf("  %s: %s\n", f->invariant, f->sentence);
    printf("      %s\n", f->blame.sentence);
    printf("      %llu bad disks, cuts %llu to %llu, the first under model %s\n",
           (unsigned long long)f->disks, (unsigned long long)f->cut,
           (unsigned long long)f->last_cut, replay_model_name(f->model));
}

void crash_report_print(const crash_report *r, const char *run)
{
    char took[32];
    double seconds = (double)r->nanoseconds / 1e9;
    printf("%s: %llu storage operations, power cut at %llu of them%s\n", run,
           (unsigned long long)r->log_operations, (unsigned long long)r->cuts_done,
           r->resumed ? " (resumed)" : "");
    printf("%llu disks, %llu of them distinct and served, held to up to %llu acknowledged writes, "
           "in %s\n",
           (unsigned long long)r->disks, (unsigned long long)r->disks_distinct,
           (unsigned long long)r->judged_writes, units_show_duration(r->nanoseconds, took));
    printf("%.1f disks/s, %.1f servers/s\n", seconds > 0 ? (double)r->disks / seconds : 0,
           seconds > 0 ? (double)r->servers / seconds : 0);
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        if (r->options.models[m])
            printf("  %-8s %6llu disks, %llu bad\n", replay_model_name(m),
                   (unsigned long long)r->disks_by_model[m],
                   (unsigned long long)r->bad_by_model[m]);
    if (r->finding_count > 0)
        puts("\nto blame");
    for (size_t i = 0; i < r->finding_count; i++)
        print_finding(&r->findings[i]);
    if (r->bad_beyond > 0)
        printf("  and %llu more bad disks, whose causes were not looked for\n",
               (unsigned long long)r->bad_beyond);
}
