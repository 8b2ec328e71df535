#include "plan/scenario.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
#include "plan/fields.h"
#include "plan/scenario_parts.h"
#include "plan/target_file.h"

#define EXTENDS_MOST 8

/* --- single fields --- */

bool scenario_name_fits(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_.";
    size_t length = strlen(name);
    return length > 0 && length <= 64 && strspn(name, allowed) == length && name[0] != '-' &&
           name[0] != '.';
}

static bool read_name(loader *l, const node *n, void *target)
{
    scenario *s = target;
    return fields_text(l, n, &s->name) &&
           (scenario_name_fits(s->name) || node_error(n, l->e, "name: " SCENARIO_NAME_RULE));
}

static bool read_story(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((scenario *)target)->story);
}

/* The target was resolved into a map before; see resolve_target. */
static bool read_target(loader *l, const node *n, void *target)
{
    return target_file_parse(l, n, &((scenario *)target)->target);
}

static bool read_seed(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 0, UINT64_MAX, &((scenario *)target)->seed);
}

static bool read_duration(loader *l, const node *n, void *target)
{
    scenario *s = target;
    if (!fields_duration(l, n, &s->duration))
        return false;
    return (s->duration > 0 && s->duration <= (uint64_t)72 * 3600 * NANOSECONDS_PER_SECOND) ||
           node_error(n, l->e, "duration must be above 0 and at most 72h");
}

static bool read_quiet(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((scenario *)target)->quiet);
}

static bool read_idle(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((scenario *)target)->idle);
}

static bool read_operation_timeout(loader *l, const node *n, void *target)
{
    scenario *s = target;
    return fields_duration(l, n, &s->operation_timeout) &&
           ((s->operation_timeout >= NANOSECONDS_PER_MILLISECOND &&
             s->operation_timeout <= 3600 * NANOSECONDS_PER_SECOND) ||
            node_error(n, l->e, "operation_timeout must be from 1ms to 1h"));
}

static bool read_record(loader *l, const node *n, void *target)
{
    const char *what;
    scenario *s = target;
    if (!fields_text(l, n, &what))
        return false;
    s->record_storage = strcmp(what, "storage") == 0;
    return s->record_storage || node_error(n, l->e, "record: only 'storage' can be recorded");
}

static const field scenario_rows[] = {
    {"name", read_name, "name", "letters, digits, - _ .; names the run's folder"},
    {"story", read_story, "text", "for people: what happens, and what must not"},
    {"target", read_target, "target", "a name (targets/NAME.yaml), a file, or its fields"},
    {"seed", read_seed, "whole", "same seed, same plan (1)"},
    {"duration", read_duration, "duration", "of the load"},
    {"quiet", read_quiet, "duration", "after the load, steady again within this (10s)"},
    {"idle", read_idle, "duration", "then nothing is asked for so long (0s)"},
    {"operation_timeout", read_operation_timeout, "duration", "of one operation (10s)"},
    {"record", read_record, "text",
     "storage: keep the operation log and the first disk for ordeal crash"},
    {"clock", read_clock, "clock", "of the target"},
    {"data", read_data, "data", "the files: how many, how big, how named"},
    {"clients", read_clients, "clients", "who makes the load, in groups"},
    {"faults", read_faults, "faults", "what breaks, and when"},
    {"invariants", read_invariants, "invariants", "what must hold whatever breaks"},
    {"thresholds", read_thresholds, "thresholds", "bounds on figures"},
};
const field_table scenario_table = {scenario_rows, sizeof scenario_rows / sizeof scenario_rows[0]};

/* --- what single fields cannot say --- */

static bool check_capabilities(const scenario *s, const node *root, error *e)
{
    for (size_t i = 0; i < s->group_count; i++) {
        const client_group *g = &s->groups[i];
        unsigned missing = g->behaviour->capabilities & ~s->target.capabilities;
        for (const capability_row *row = capability_rows; row->name != NULL; row++) {
            node where = *root;
            where.line = where.key_line = g->line;
            if (missing & row->bit)
                return node_error(&where, e,
                                  "behaviour %s needs '%s', which target %s does not have",
                                  g->behaviour->name, row->name, s->target.name);
        }
    }
    return true;
}

static bool check_faults(const scenario *s, const node *root, error *e)
{
    for (size_t i = 0; i < s->fault_count; i++) {
        const planned_fault *f = &s->faults[i];
        node where = *root;
        where.line = where.key_line = f->line;
        char end[32];
        char load[32];
        if (f->until_at + f->length > s->duration)
            return node_error(&where, e, "fault %s would end at %s, but the load ends at %s",
                              f->fault.kind->name,
                              units_show_duration(f->until_at + f->length, end),
                              units_show_duration(s->duration, load));
    }
    return true;
}

/* --set and reports know a group by its name. Those that were given none may share their
 * behaviour's. */
static bool check_group_names(const scenario *s, const node *root, error *e)
{
    for (size_t i = 0; i < s->group_count; i++) {
        const client_group *g = &s->groups[i];
        node where = *root;
        where.line = where.key_line = g->line;
        for (size_t k = 0; k < i; k++)
            if (g->name != g->behaviour->name && strcmp(g->name, s->groups[k].name) == 0)
                return node_error(&where, e, "another client group is named '%.60s' already",
                                  g->name);
    }
    return true;
}

static bool check_thresholds(const scenario *s, const node *root, error *e)
{
    const node *list = node_child(root, "thresholds");
    const node *item = list != NULL ? list->first : NULL;
    for (size_t i = 0; i < s->threshold_count; i++, item = item->next) {
        const threshold *t = &s->thresholds[i];
        CHECK(item != NULL);
        char after[32];
        char load[32];
        if (t->after >= s->duration)
            return node_error(item, e,
                              "after: %s is not before the load's end, so this would never be "
                              "looked at; the load ends at %s",
                              units_show_duration(t->after, after),
                              units_show_duration(s->duration, load));
        for (size_t k = 0; k < i; k++)
            if (strcmp(t->text, s->thresholds[k].text) == 0)
                return node_error(item, e, "threshold %.80s is listed twice", t->text);
    }
    return true;
}

static bool check_clock(const scenario *s, const node *root, error *e)
{
    const node *clock = node_child(root, "clock");
    return clock == NULL || s->target.command != NULL ||
           (s->clock_rate == 1 && s->clock_offset == 0) ||
           node_error(clock, e,
                      "clock: only that of a target that ordeal starts itself can be set; %s is "
                      "known by its url only",
                      s->target.name);
}

static bool check_whole(scenario *s, const node *root, error *e)
{
    if (s->name == NULL)
        return node_error(root, e, "a scenario needs 'name'");
    if (s->target.driver == NULL)
        return node_error(root, e, "a scenario needs 'target', such as: target: reference");
    if (s->duration == 0)
        return node_error(root, e, "a scenario needs 'duration', such as: duration: 30s");
    if (s->group_count == 0)
        return node_error(root, e,
                          "a scenario needs 'clients', at least one group; 'ordeal list "
                          "behaviours' shows the kinds");
    if (s->invariant_count == 0)
        return node_error(
            root, e,
            "a scenario needs 'invariants': a run that judges nothing proves nothing; 'ordeal list "
            "invariants' shows them");
    if (s->record_storage && s->target.command == NULL)
        return node_error(root, e, "record: storage needs a target that ordeal starts itself");
    if (scenario_client_count(s) > SCENARIO_CLIENTS_MOST)
        return node_error(root, e, "more than %d clients", SCENARIO_CLIENTS_MOST);
    uint64_t keys = s->data.keys + s->data.keys_per_client * scenario_client_count(s);
    const node *data = node_child(root, "data");
    if (keys == 0 || keys > SCENARIO_KEYS_MOST)
        return node_error(data != NULL ? data : root, e,
                          "data: %" PRIu64 " names in all (keys, and keys_per_client of each of "
                          "the clients); there may be from 1 to %d",
                          keys, SCENARIO_KEYS_MOST);
    if (s->data.path_count > s->data.keys)
        return node_error(data, e,
                          "data: %zu paths, but the clients share %" PRIu64
                          " names; give as many keys or more",
                          s->data.path_count, s->data.keys);
    return check_clock(s, root, e) && check_capabilities(s, root, e) && check_faults(s, root, e) &&
           check_group_names(s, root, e) && check_thresholds(s, root, e);
}

/* --- files --- */

static const char *folder_of(loader *l, const char *path)
{
    char *copy = arena_text(l->memory, path, strlen(path));
    return copy != NULL ? dirname(copy) : ".";
}

static node *read_extended(loader *l, const char *path, int depth)
{
    node *own = document_read(path, l->memory, l->e);
    if (own == NULL || !fields_map(own, l->e))
        return NULL;
    node *extends = node_child(own, "extends");
    if (extends == NULL)
        return own;
    const char *name;
    l->folder = folder_of(l, path);
    if (!fields_text(l, extends, &name))
        return NULL;
    if (depth == EXTENDS_MOST) {
        node_error(extends, l->e, "more than %d files extend each other; is it a circle?",
                   EXTENDS_MOST);
        return NULL;
    }
    const char *base_path = scenario_find(l, name, "");
    if (base_path == NULL) {
        node_error(extends, l->e, "extends: there is no scenario '%.100s'", name);
        return NULL;
    }
    node *base = read_extended(l, base_path, depth + 1);
    if (base == NULL)
        return NULL;
    l->folder = folder_of(l, path);
    node *merged = node_merge(base, own);
    node_remove(merged, "extends");
    return merged;
}

/* Puts the target's own map in place of its name, so that the resolved scenario stands by itself.
 */
static bool resolve_target(loader *l, node *root, const char *override)
{
    node *named = node_child(root, "target");
    if (override != NULL) {
        named = document_parse("--target", override, strlen(override), l->memory, l->e);
        if (named == NULL)
            return false;
    }
    if (named == NULL || named->kind == NODE_MAP)
        return named == NULL || target_file_place(l, named);
    const char *name;
    if (!fields_text(l, named, &name))
        return false;
    node *target = target_file_read(l, name, named);
    if (target == NULL || !target_file_place(l, target))
        return false;
    node_put(root, "target", target);
    return true;
}

static scenario *interpret(arena *memory, loader *l, node *root, const char *file)
{
    scenario *s = loader_take(l, 1, sizeof *s);
    if (s == NULL)
        return NULL;
    *s = (scenario){
        .memory = memory,
        .tree = root,
        .file = file,
        .story = "",
        .quiet = 10 * NANOSECONDS_PER_SECOND,
        .operation_timeout = 10 * NANOSECONDS_PER_SECOND,
        .clock_rate = 1,
        .seed = 1,
        .data = {.keys = 100, .keys_per_client = 4, .sizes = {.least = 1024, .most = 65536}},
    };
    if (!fields_read(l, root, "a scenario", &scenario_table, NULL, s))
        return NULL;
    if (!check_whole(s, root, l->e))
        return NULL;
    for (size_t i = 0; i < s->group_count; i++)
        if (!place_stages(l, root, &s->groups[i], s->duration))
            return NULL;
    return s;
}

static bool put_seed(loader *l, node *root, uint64_t seed)
{
    char text[32];
    snprintf(text, sizeof text, "seed=%llu", (unsigned long long)seed);
    return node_set(root, arena_text(l->memory, text, strlen(text)), l->memory, l->e);
}

static scenario *load(arena *memory, const scenario_request *request, error *e)
{
    loader l = {.memory = memory, .e = e, .folder = "."};
    const char *path = scenario_find(&l, request->file, "");
    if (path == NULL) {
        const char *near = scenario_nearest(&l, request->file);
        error_set(e, ERROR_USAGE, request->file, "there is no such scenario; %s%s%s",
                  near != NULL ? "did you mean '"
                               : "'ordeal list scenarios' shows those that come ",
                  near != NULL ? near : "along", near != NULL ? "'?" : "");
        return NULL;
    }
    node *root = read_extended(&l, path, 0);
    if (root == NULL)
        return NULL;
    l.folder = folder_of(&l, path);
    for (size_t i = 0; i < request->set_count; i++)
        if (!node_set(root, request->sets[i], memory, e))
            return NULL;
    if (request->has_seed && !put_seed(&l, root, request->seed))
        return NULL;
    if (!resolve_target(&l, root, request->target))
        return NULL;
    return interpret(memory, &l, root, path);
}

scenario *scenario_load(const scenario_request *request, error *e)
{
    arena *memory = arena_create("scenario", DOCUMENT_ARENA_MOST);
    scenario *s = load(memory, request, e);
    if (s == NULL)
        arena_destroy(memory);
    return s;
}

scenario *scenario_from_json(const char *name, const char *json, size_t length, error *e)
{
    arena *memory = arena_create("scenario", DOCUMENT_ARENA_MOST);
    loader l = {.memory = memory, .e = e, .folder = "."};
    node *root = document_parse(name, json, length, memory, e);
    scenario *s = root != NULL ? interpret(memory, &l, root, name) : NULL;
    if (s == NULL)
        arena_destroy(memory);
    return s;
}

void scenario_free(scenario *s)
{
    if (s != NULL)
        arena_destroy(s->memory);
}

uint64_t scenario_real(const scenario *s, uint64_t nanoseconds)
{
    return s->clock_rate == 1 ? nanoseconds : (uint64_t)((double)nanoseconds / s->clock_rate);
}

uint64_t scenario_passed(const scenario *s, uint64_t nanoseconds)
{
    return s->clock_rate == 1 ? nanoseconds : (uint64_t)((double)nanoseconds * s->clock_rate);
}

uint64_t scenario_client_count(const scenario *s)
{
    uint64_t count = 0;
    for (size_t i = 0; i < s->group_count; i++)
        count += s->groups[i].count;
    return count;
}

unsigned scenario_needs(const scenario *s)
{
    unsigned needs = s->clock_rate != 1 || s->clock_offset != 0 ? FAULT_NEEDS_CLOCK : 0;
    needs |= s->clock_rate != 1 ? FAULT_NEEDS_WAITS : 0;
    for (size_t i = 0; i < s->fault_count; i++)
        needs |= s->faults[i].fault.kind->needs;
    if (s->record_storage)
        needs |= FAULT_NEEDS_STORAGE | FAULT_NEEDS_LOG;
    return needs;
}
