/* What `ordeal sweep` keeps and says: sweep.json there and back, and the summary. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/files.h"
#include "base/units.h"
#include "explore/sweep.h"

#define REPORT_SCHEMA 1
#define REPORT_MOST   ((size_t)4 << 20)

/* Numbers that are written and read under the same names. */
#define NUMBER(field)                                                                              \
    {                                                                                              \
#field, offsetof(sweep_report, field)                                                      \
    }
static const struct {
    const char *name;
    size_t at;
} numbers[] = {
    NUMBER(tellings),
    NUMBER(servers),
    NUMBER(nanoseconds),
    NUMBER(bad),
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

static uint64_t *number_at(const sweep_report *r, size_t i)
{
    return (uint64_t *)(uintptr_t)((const char *)r + numbers[i].at);
}

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
    for (size_t i = 0; i < NUMBERS; i++)
        writer_put_whole(&w, numbers[i].name, *number_at(r, i));
    writer_key(&w, "findings");
    writer_array(&w);
    for (size_t i = 0; i < r->finding_count; i++)
        write_finding(&w, &r->findings[i]);
    writer_array_end(&w);
    site_map_write(&r->map, &w);
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

static bool says(const json_t *in, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(in, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

static void take_text(const json_t *in, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(in, name));
    snprintf(out, size, "%s", text != NULL ? text : "");
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
    return (sweep_place){.kind = whole(place, "kind"),
                         .first = whole(place, "first"),
                         .second = whole(place, "second")};
}

static void take_finding(const json_t *in, sweep_finding *f)
{
    f->place = take_place(in, "place");
    take_text(in, "fault", f->kind, sizeof f->kind);
    take_text(in, "operation", f->operation, sizeof f->operation);
    take_text(in, "invariant", f->invariant, sizeof f->invariant);
    take_text(in, "sentence", f->sentence, sizeof f->sentence);
}

static bool take_all(const json_t *root, sweep_report *out)
{
    out->next = take_place(root, "next");
    for (size_t i = 0; i < NUMBERS; i++)
        *number_at(out, i) = whole(root, numbers[i].name);
    const json_t *findings = json_object_get(root, "findings");
    for (size_t i = 0; i < json_array_size(findings) && i < SWEEP_FINDINGS_MOST; i++)
        take_finding(json_array_get(findings, i), &out->findings[out->finding_count++]);
    return out->next.kind < out->map.kind_count && out->next.first > 0 && out->next.second > 0 &&
           site_map_read(&out->map, json_object_get(root, "map"));
}

bool sweep_report_read(const char *path, const scenario *s, const site_map *kinds,
                       sweep_report *out)
{
    buffer text = {0};
    error none = {0};
    json_t *root = NULL;
    *out = (sweep_report){.map = *kinds};
    if (files_read(path, REPORT_MOST, &text, &none))
        root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
    buffer_free(&text);
    bool goes_on = whole(root, "schema") == REPORT_SCHEMA && says(root, "scenario", s->name) &&
                   says(root, "target", s->target.name) &&
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
