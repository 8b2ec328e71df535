/* What `ordeal sweep` keeps and says: sweep.json there and back, and the summary. */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "explore/state.h"
#include "explore/sweep.h"

#define REPORT_SCHEMA 1

static const state_number numbers[] = {
    STATE_NUMBER(sweep_report, tellings),
    STATE_NUMBER(sweep_report, servers),
    STATE_NUMBER(sweep_report, nanoseconds),
    STATE_NUMBER(sweep_report, bad),
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

/* --- writing --- */

static void write_place(json_writer *w, const char *name, const sweep_place *place)
{
    writer_key(w, name);
    writer_object(w);
    writer_put_whole(w, "kind", place->kind);
    writer_put_whole(w, "first", place->first);
    writer_put_whole(w, "second", place->second);
    writer_object_end(w);
}

static void write_finding(json_writer *w, const sweep_finding *f)
{
    writer_object(w);
    write_place(w, "place", &f->place);
    writer_put_text(w, "fault", f->kind);
    writer_put_text(w, "operation", f->operation);
    writer_put_text(w, "invariant", f->invariant);
    writer_put_text(w, "sentence", f->sentence);
    writer_object_end(w);
}

static void write_kinds(json_writer *w, const site_map *m)
{
    writer_key(w, "faults");
    writer_array(w);
    for (size_t i = 0; i < m->kind_count; i++)
        writer_text(w, m->kinds[i]);
    writer_array_end(w);
}

bool sweep_report_write(const sweep_report *r, const scenario *s, const char *path, error *e)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    w.indent = true;
    writer_object(&w);
    writer_put_whole(&w, "schema", REPORT_SCHEMA);
    writer_put_text(&w, "scenario", s->name);
    writer_put_text(&w, "target", s->target.name);
    writer_put_bool(&w, "finished", r->finished);
    write_kinds(&w, &r->map);
    write_place(&w, "next", &r->next);
    state_write_numbers(&w, r, numbers, NUMBERS);
    writer_key(&w, "findings");
    writer_array(&w);
    for (size_t i = 0; i < r->finding_count; i++)
        write_finding(&w, &r->findings[i]);
    writer_array_end(&w);
    site_map_write(&r->map, &w);
    writer_object_end(&w);
    return state_save(path, &text, e);
}

/* --- reading --- */

static bool says(const json_t *in, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(in, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

static bool same_kinds(const json_t *in, const site_map *m)
{
    bool same = json_array_size(in) == m->kind_count;
    for (size_t i = 0; i < m->kind_count && same; i++) {
        const char *text = json_string_value(json_array_get(in, i));
        same = text != NULL && strcmp(text, m->kinds[i]) == 0;
    }
    return same;
}

static sweep_place take_place(const json_t *in, const char *name)
{
    const json_t *place = json_object_get(in, name);
    return (sweep_place){.kind = state_whole(place, "kind"),
                         .first = state_whole(place, "first"),
                         .second = state_whole(place, "second")};
}

static void take_finding(const json_t *in, sweep_finding *f)
{
    f->place = take_place(in, "place");
    state_text(in, "fault", f->kind, sizeof f->kind);
    state_text(in, "operation", f->operation, sizeof f->operation);
    state_text(in, "invariant", f->invariant, sizeof f->invariant);
    state_text(in, "sentence", f->sentence, sizeof f->sentence);
}

static bool take_all(const json_t *root, sweep_report *out)
{
    out->next = take_place(root, "next");
    state_read_numbers(root, out, numbers, NUMBERS);
    const json_t *findings = json_object_get(root, "findings");
    for (size_t i = 0; i < json_array_size(findings) && i < SWEEP_FINDINGS_MOST; i++)
        take_finding(json_array_get(findings, i), &out->findings[out->finding_count++]);
    return out->next.kind < out->map.kind_count && out->next.first > 0 && out->next.second > 0 &&
           site_map_read(&out->map, json_object_get(root, "map"));
}

bool sweep_report_read(const char *path, const scenario *s, const site_map *kinds,
                       sweep_report *out)
{
    json_t *root = state_load(path);
    *out = (sweep_report){.map = *kinds};
    bool goes_on = state_whole(root, "schema") == REPORT_SCHEMA &&
                   says(root, "scenario", s->name) && says(root, "target", s->target.name) &&
                   !json_is_true(json_object_get(root, "finished")) &&
                   same_kinds(json_object_get(root, "faults"), kinds) && take_all(root, out);
    json_decref(root);
    return goes_on;
}

/* --- for people --- */

static void print_finding(const sweep_finding *f)
{
    printf("  %s at operation %llu", f->kind, (unsigned long long)f->place.first);
    if (f->place.second > 1)
        printf(" and operation %llu of the recovery", (unsigned long long)f->place.second);
    printf(" (%s)\n      %s: %s\n", f->operation, f->invariant, f->sentence);
}

void sweep_report_print(const sweep_report *r, const scenario *s)
{
    char took[32];
    double seconds = (double)r->nanoseconds / 1e9;
    printf("%s on %s: told %llu times with a fault, %llu servers, in %s%s\n", s->name,
           s->target.name, (unsigned long long)r->tellings, (unsigned long long)r->servers,
           units_show_duration(r->nanoseconds, took), r->resumed ? " (resumed)" : "");
    printf("%.1f tellings/s\n", seconds > 0 ? (double)r->tellings / seconds : 0);
    site_map_print(&r->map);
    if (r->bad > 0)
        printf("\n%llu tellings went wrong\n", (unsigned long long)r->bad);
    for (size_t i = 0; i < r->finding_count; i++)
        print_finding(&r->findings[i]);
}
