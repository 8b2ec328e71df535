#include "plan/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/units.h"
#include "plan/scenario_parts.h"
#include "plan/target_file.h"

#define DRAFT    "http://json-schema.org/draft-07/schema#"
#define DURATION "([0-9]+(\\\\.[0-9]+)?([eE][+-]?[0-9]+)? *(ns|us|ms|s|m|h|d)|0)"
#define SIZE     "[0-9]+(\\\\.[0-9]+)? *(B|kB|KB|MB|GB|KiB|MiB|GiB)?"

/* Forms that need no table: what a single value looks like. A YAML number is taken wherever its
 * digits are. */
static const struct {
    const char *name;
    const char *schema;
} simple_forms[] = {
    {"text", "{\"type\":[\"string\",\"number\"],\"minLength\":1}"},
    {"texts", "{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"number\"]}}"},
    {"name",
     "{\"type\":[\"string\",\"number\"],\"pattern\":\"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$\"}"},
    {"url", "{\"type\":\"string\",\"pattern\":\"^https?://\",\"maxLength\":255}"},
    {"path", "{\"type\":\"string\",\"pattern\":\"^/\",\"maxLength\":127}"},
    {"duration",
     "{\"type\":[\"string\",\"number\"],\"pattern\":\"^" DURATION "$\",\"minimum\":0,\"maximum\":0,"
     "\"examples\":[\"200ms\",\"5s\",\"2m\"]}"},
    {"offset",
     "{\"type\":[\"string\",\"number\"],\"pattern\":\"^[+-]?" DURATION "$\",\"minimum\":0,"
     "\"maximum\":0,\"examples\":[\"-3h\",\"30s\"]}"},
    {"moment", "{\"type\":[\"string\",\"number\"],\"pattern\":\"^" DURATION "(\\\\.\\\\." DURATION
               ")?$\",\"minimum\":0,\"maximum\":0,\"examples\":[\"2s\",\"2s..4s\"]}"},
    {"size", "{\"type\":[\"string\",\"number\"],\"pattern\":\"^" SIZE
             "$\",\"minimum\":0,\"examples\":[\"4096\",\"64KiB\"]}"},
    {"sizes", "{\"type\":[\"string\",\"number\"],\"pattern\":\"^(ladder|production|quantiles( " SIZE
              "){2,}|" SIZE "(\\\\.\\\\." SIZE
              ")?)$\",\"minimum\":0,\"examples\":[\"4KiB\",\"1KiB..64KiB\",\"ladder\","
              "\"production\"]}"},
    {"popularity", "{\"type\":\"string\",\"pattern\":\"^(uniform|zipf [0-9.]+)$\","
                   "\"examples\":[\"uniform\",\"zipf 0.99\"]}"},
    {"whole", "{\"type\":[\"integer\",\"string\"],\"pattern\":\"^[0-9]+$\",\"minimum\":0}"},
    {"real", "{\"type\":[\"number\",\"string\"],\"pattern\":\"^-?[0-9.eE+-]+$\"}"},
    {"share", "{\"type\":[\"number\",\"string\"],\"pattern\":\"^[0-9.]+%?$\",\"minimum\":0,"
              "\"maximum\":1,\"examples\":[\"30%\",0.3]}"},
    {"switch", "{\"enum\":[true,false,\"true\",\"false\"]}"},
    {"bound",
     "{\"type\":\"string\",\"pattern\":\"^ *[a-z0-9_.]+ *(\\\\([a-z-]+\\\\))? *(<|<=|>|>=) "
     "*[^ ]+ *$\",\"examples\":[\"p95(get) < 1s\",\"error_rate < 5%\"]}"},
};

static void put_reference(json_writer *w, const char *form)
{
    char path[80];
    snprintf(path, sizeof path, "#/definitions/%s", form);
    writer_put_text(w, "$ref", path);
}

/* An editor shows the description of a property only when it does not stand beside the $ref. */
static void put_property(json_writer *w, const char *name, const char *form,
                         const char *description)
{
    writer_key(w, name);
    writer_object(w);
    writer_put_text(w, "description", description);
    writer_key(w, "allOf");
    writer_array(w);
    writer_object(w);
    put_reference(w, form);
    writer_object_end(w);
    writer_array_end(w);
    writer_object_end(w);
}

/* A word of digits is a number to YAML unless it is quoted. */
static void put_words(json_writer *w, const char *const *words)
{
    uint64_t number;
    writer_key(w, "enum");
    writer_array(w);
    for (size_t i = 0; words[i] != NULL; i++) {
        writer_text(w, words[i]);
        if (units_whole(words[i], &number))
            writer_whole(w, number);
    }
    writer_array_end(w);
}

static void put_needed(json_writer *w, const char *const *names)
{
    writer_key(w, "required");
    writer_array(w);
    for (size_t i = 0; names[i] != NULL; i++)
        writer_text(w, names[i]);
    writer_array_end(w);
}

static void put_fields(json_writer *w, const field_table *table, const char *except)
{
    for (size_t i = 0; i < table->count; i++)
        if (except == NULL || strcmp(table->fields[i].name, except) != 0)
            put_property(w, table->fields[i].name, table->fields[i].form,
                         table->fields[i].description);
}

/* A map that takes the table's fields and no others. */
static void put_map(json_writer *w, const field_table *table)
{
    writer_put_text(w, "type", "object");
    writer_put_bool(w, "additionalProperties", false);
    writer_key(w, "properties");
    writer_object(w);
    put_fields(w, table, NULL);
    writer_object_end(w);
}

static const char *form_of(const parameter *row)
{
    static const char *const forms[] = {
        [PARAMETER_DURATION] = "duration", [PARAMETER_SIZE] = "size", [PARAMETER_WHOLE] = "whole",
        [PARAMETER_FRACTION] = "share",    [PARAMETER_REAL] = "real", [PARAMETER_OFFSET] = "offset",
        [PARAMETER_SWITCH] = "switch",     [PARAMETER_TEXT] = "text",
    };
    CHECK(row->type < sizeof forms / sizeof forms[0] && forms[row->type] != NULL);
    return forms[row->type];
}

static void put_parameter(json_writer *w, const parameter *row)
{
    char description[300];
    snprintf(description, sizeof description, "%s%s%s%s", row->description,
             row->fallback != NULL ? " (" : "", row->fallback != NULL ? row->fallback : "",
             row->fallback != NULL ? ")" : "");
    if (row->type != PARAMETER_WORD) {
        put_property(w, row->name, form_of(row), description);
        return;
    }
    writer_key(w, row->name);
    writer_object(w);
    writer_put_text(w, "description", description);
    put_words(w, row->words);
    writer_object_end(w);
}

/* What tells the members of a family apart: the map's field `key` is this member's name. */
typedef struct {
    const char *key;
    const char *name;
    const char *description;
    const parameter *parameters;
    size_t parameter_count;
    const char *needed; /* beside the key and the parameters without fallback; NULL: nothing */
} member;

static void put_member(json_writer *w, const member *m, const field_table *common)
{
    writer_object(w);
    writer_put_text(w, "title", m->name);
    writer_put_text(w, "type", "object");
    writer_put_bool(w, "additionalProperties", false);
    writer_key(w, "required");
    writer_array(w);
    writer_text(w, m->key);
    if (m->needed != NULL)
        writer_text(w, m->needed);
    for (size_t i = 0; i < m->parameter_count; i++)
        if (m->parameters[i].fallback == NULL)
            writer_text(w, m->parameters[i].name);
    writer_array_end(w);
    writer_key(w, "properties");
    writer_object(w);
    writer_key(w, m->key);
    writer_object(w);
    writer_put_text(w, "const", m->name);
    writer_put_text(w, "description", m->description);
    writer_object_end(w);
    put_fields(w, common, m->key);
    for (size_t i = 0; i < m->parameter_count; i++)
        put_parameter(w, &m->parameters[i]);
    writer_object_end(w);
    writer_object_end(w);
}

static void begin_list(json_writer *w, const char *name, const char *choice)
{
    writer_key(w, name);
    writer_object(w);
    writer_put_text(w, "type", "array");
    writer_key(w, "items");
    writer_object(w);
    writer_key(w, choice);
    writer_array(w);
}

static void end_list(json_writer *w)
{
    writer_array_end(w);
    writer_object_end(w);
    writer_object_end(w);
}

static void put_clients(json_writer *w)
{
    begin_list(w, "clients", "oneOf");
    for (size_t i = 0; i < behaviour_count; i++) {
        const behaviour *b = behaviours[i];
        member m = {"behaviour", b->name, b->description, b->parameters, b->parameter_count, NULL};
        put_member(w, &m, &group_table);
    }
    end_list(w);
}

static void put_faults(json_writer *w)
{
    begin_list(w, "faults", "oneOf");
    for (size_t i = 0; i < fault_kind_count; i++) {
        const fault_kind *k = fault_kinds[i];
        member m = {"fault", k->name, k->description, k->parameters, k->parameter_count, "at"};
        put_member(w, &m, &fault_table);
    }
    end_list(w);
}

static void put_bounds(json_writer *w, const judge *j)
{
    writer_object(w);
    writer_put_text(w, "type", "object");
    writer_put_bool(w, "additionalProperties", false);
    put_needed(w, (const char *const[]){j->name, NULL});
    writer_key(w, "properties");
    writer_object(w);
    writer_key(w, j->name);
    writer_object(w);
    writer_put_text(w, "type", "object");
    writer_put_text(w, "description", j->definition);
    writer_put_bool(w, "additionalProperties", false);
    writer_key(w, "properties");
    writer_object(w);
    for (size_t i = 0; i < j->parameter_count; i++)
        put_parameter(w, &j->parameters[i]);
    writer_object_end(w);
    writer_object_end(w);
    writer_object_end(w);
    writer_object_end(w);
}

/* "- durability" or "- durability: {bound: 3}" */
static void put_invariant(json_writer *w, const judge *j)
{
    bool complete = true;
    for (size_t i = 0; i < j->parameter_count; i++)
        complete = complete && j->parameters[i].fallback != NULL;
    if (complete) {
        writer_object(w);
        writer_put_text(w, "const", j->name);
        writer_put_text(w, "description", j->definition);
        writer_object_end(w);
    }
    if (j->parameter_count > 0)
        put_bounds(w, j);
}

static void put_invariants(json_writer *w)
{
    begin_list(w, "invariants", "oneOf");
    for (size_t i = 0; i < judge_count; i++)
        put_invariant(w, judges[i]);
    end_list(w);
}

static void put_list_of_maps(json_writer *w, const char *name, const field_table *table,
                             const char *needed, bool or_text)
{
    begin_list(w, name, "anyOf");
    if (or_text) {
        writer_object(w);
        put_reference(w, needed);
        writer_object_end(w);
    }
    writer_object(w);
    put_map(w, table);
    put_needed(w, (const char *const[]){needed, NULL});
    writer_object_end(w);
    end_list(w);
}

static void put_enumeration(json_writer *w, const char *name, const char *const *words)
{
    writer_key(w, name);
    writer_object(w);
    put_words(w, words);
    writer_object_end(w);
}

static void put_drivers(json_writer *w)
{
    const char *names[64] = {NULL};
    const char *abilities[64] = {NULL};
    CHECK(driver_count < 64);
    for (size_t i = 0; i < driver_count; i++)
        names[i] = drivers[i]->name;
    for (size_t i = 0; capability_rows[i].name != NULL; i++)
        abilities[i] = capability_rows[i].name;
    put_enumeration(w, "driver", names);
    put_enumeration(w, "auth", target_auth_words);
    writer_key(w, "capabilities");
    writer_object(w);
    writer_put_text(w, "type", "array");
    writer_key(w, "items");
    writer_object(w);
    put_words(w, abilities);
    writer_object_end(w);
    writer_object_end(w);
}

static void put_target(json_writer *w)
{
    writer_key(w, "target");
    writer_object(w);
    writer_key(w, "anyOf");
    writer_array(w);
    writer_object(w);
    put_reference(w, "text");
    writer_object_end(w);
    writer_object(w);
    put_map(w, &target_table);
    writer_object_end(w);
    writer_array_end(w);
    writer_object_end(w);
}

static void put_named_map(json_writer *w, const char *name, const field_table *table)
{
    writer_key(w, name);
    writer_object(w);
    put_map(w, table);
    writer_object_end(w);
}

static void put_simple_forms(json_writer *w)
{
    for (size_t i = 0; i < sizeof simple_forms / sizeof simple_forms[0]; i++) {
        writer_key(w, simple_forms[i].name);
        writer_raw(w, simple_forms[i].schema);
    }
    put_drivers(w);
}

static void begin_document(json_writer *w, const char *title)
{
    w->indent = true;
    writer_object(w);
    writer_put_text(w, "$schema", DRAFT);
    writer_put_text(w, "title", title);
}

/* A file that extends another may leave out whatever the other has, and a file without clients is
 * there to be extended. */
static void put_completeness(json_writer *w)
{
    writer_key(w, "anyOf");
    writer_array(w);
    writer_object(w);
    put_needed(w, (const char *const[]){"extends", NULL});
    writer_object_end(w);
    writer_object(w);
    writer_key(w, "not");
    writer_object(w);
    put_needed(w, (const char *const[]){"clients", NULL});
    writer_object_end(w);
    writer_object_end(w);
    writer_object(w);
    put_needed(w,
               (const char *const[]){"name", "target", "duration", "clients", "invariants", NULL});
    writer_object_end(w);
    writer_array_end(w);
}

void schema_write(buffer *out)
{
    json_writer w = writer_begin(out);
    begin_document(&w, "ordeal scenario");
    writer_put_text(&w, "type", "object");
    writer_put_bool(&w, "additionalProperties", false);
    put_completeness(&w);
    writer_key(&w, "properties");
    writer_object(&w);
    put_property(&w, "extends", "text", "another scenario: maps merge, everything else replaces");
    put_fields(&w, &scenario_table, NULL);
    writer_object_end(&w);
    writer_key(&w, "definitions");
    writer_object(&w);
    put_simple_forms(&w);
    put_enumeration(&w, "arrival", arrival_names);
    put_enumeration(&w, "names", name_forms);
    put_target(&w);
    put_named_map(&w, "clock", &clock_table);
    put_named_map(&w, "data", &data_table);
    put_clients(&w);
    put_list_of_maps(&w, "stages", &stage_table, "for", false);
    put_faults(&w);
    put_invariants(&w);
    put_list_of_maps(&w, "thresholds", &threshold_table, "bound", true);
    writer_object_end(&w);
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}

void schema_write_target(buffer *out)
{
    json_writer w = writer_begin(out);
    begin_document(&w, "ordeal target");
    put_map(&w, &target_table);
    put_needed(&w, (const char *const[]){"driver", "url", NULL});
    writer_key(&w, "definitions");
    writer_object(&w);
    put_simple_forms(&w);
    writer_object_end(&w);
    writer_object_end(&w);
    buffer_text_append(out, "\n");
}
