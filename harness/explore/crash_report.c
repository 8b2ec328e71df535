/* What `ordeal crash` keeps and says: crash.json there and back, and the summary. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "explore/crash.h"
#include "explore/state.h"

#define REPORT_SCHEMA 1

static const state_number numbers[] = {
    STATE_NUMBER(crash_report, log_operations), STATE_NUMBER(crash_report, cuts),
    STATE_NUMBER(crash_report, cuts_done),      STATE_NUMBER(crash_report, last_cut),
    STATE_NUMBER(crash_report, disks),          STATE_NUMBER(crash_report, disks_distinct),
    STATE_NUMBER(crash_report, servers),        STATE_NUMBER(crash_report, judged_writes),
    STATE_NUMBER(crash_report, nanoseconds),    STATE_NUMBER(crash_report, bad_beyond),
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

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
    state_write_numbers(&w, r, numbers, NUMBERS);
    write_counts(&w, "disks_by_model", r->disks_by_model);
    write_counts(&w, "bad_by_model", r->bad_by_model);
    writer_key(&w, "findings");
    writer_array(&w);
    for (size_t i = 0; i < r->finding_count; i++)
        write_finding(&w, &r->findings[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    return state_save(path, &text, e);
}

/* --- reading --- */

static bool same_options(const json_t *in, const crash_options *o)
{
    bool same = json_is_object(in) && state_whole(in, "cuts") == o->cuts &&
                state_whole(in, "seeds") == o->seeds && state_whole(in, "seed") == o->seed;
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        same = same && json_is_true(json_object_get(in, replay_model_name(m))) == o->models[m];
    return same;
}

static void take_finding(const json_t *in, crash_finding *f)
{
    char model[16];
    state_text(in, "model", model, sizeof model);
    *f = (crash_finding){.cut = state_whole(in, "cut"),
                         .last_cut = state_whole(in, "last_cut"),
                         .model = replay_model_named(model),
                         .seed = state_whole(in, "seed"),
                         .disks = state_whole(in, "disks")};
    state_text(in, "invariant", f->invariant, sizeof f->invariant);
    state_text(in, "sentence", f->sentence, sizeof f->sentence);
    state_text(in, "blame", f->blame.sentence, sizeof f->blame.sentence);
    const json_t *operations = json_object_get(in, "operations");
    for (size_t i = 0; i < json_array_size(operations) && i < BLAME_OPERATIONS_MOST; i++)
        f->blame.operations[f->blame.count++] =
            (uint64_t)json_integer_value(json_array_get(operations, i));
}

static void take_counts(const json_t *in, uint64_t counts[REPLAY_MODELS])
{
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        counts[m] = state_whole(in, replay_model_name(m));
}

bool crash_report_read(const char *path, const crash_options *options, crash_report *out)
{
    json_t *root = state_load(path);
    *out = (crash_report){.options = *options};
    bool fits = state_whole(root, "schema") == REPORT_SCHEMA &&
                same_options(json_object_get(root, "options"), options);
    if (fits) {
        out->interrupted = json_is_true(json_object_get(root, "interrupted"));
        state_read_numbers(root, out, numbers, NUMBERS);
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
