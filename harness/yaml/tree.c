/* Work on the tree of document.h: look up, merge, set, print. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "yaml/document.h"

node *node_child(const node *map, const char *key)
{
    for (node *child = map->first; child != NULL; child = child->next)
        if (child->key != NULL && strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

void node_put(node *map, const char *key, node *value)
{
    CHECK(map->kind == NODE_MAP);
    node **place = &map->first;
    while (*place != NULL && strcmp((*place)->key, key) != 0)
        place = &(*place)->next;
    value->key = key;
    value->key_line = value->key_line > 0 ? value->key_line : value->line;
    if (*place == NULL)
        map->count++;
    value->next = *place != NULL ? (*place)->next : NULL;
    *place = value;
}

void node_remove(node *map, const char *key)
{
    for (node **place = &map->first; *place != NULL; place = &(*place)->next) {
        if (strcmp((*place)->key, key) != 0)
            continue;
        *place = (*place)->next;
        map->count--;
        return;
    }
}

node *node_merge(node *base, node *over)
{
    if (base == NULL || base->kind != NODE_MAP || over->kind != NODE_MAP)
        return over;
    node *child = over->first;
    while (child != NULL) {
        node *next = child->next;
        node_put(base, child->key, node_merge(node_child(base, child->key), child));
        child = next;
    }
    base->file = over->file;
    base->line = over->line;
    return base;
}

static node *list_item(const node *list, const char *name)
{
    char *end;
    unsigned long wanted = strtoul(name, &end, 10);
    bool is_index = *name != '\0' && *end == '\0';
    unsigned long at = 0;
    for (node *item = list->first; item != NULL; item = item->next, at++) {
        if (is_index && at == wanted)
            return item;
        const node *given = item->kind == NODE_MAP ? node_child(item, "name") : NULL;
        if (!is_index && given != NULL && given->kind == NODE_SCALAR &&
            strcmp(given->text, name) == 0)
            return item;
    }
    return NULL;
}

static bool bad_set(error *e, const char *assignment, const char *why, const char *part)
{
    return error_set(e, ERROR_USAGE, "--set", "'%.120s': %s%s%s", assignment, why,
                     part != NULL ? " " : "", part != NULL ? part : "");
}

/* Missing maps on the way are made, so that `data.keys=5` works on a scenario without `data`. */
static node *step_into(node *at, const char *part, const char *source, arena *memory)
{
    if (at->kind == NODE_LIST)
        return list_item(at, part);
    if (at->kind != NODE_MAP)
        return NULL;
    node *child = node_child(at, part);
    if (child == NULL) {
        child = arena_take(memory, sizeof *child);
        CHECK(child != NULL);
        *child = (node){.kind = NODE_MAP, .file = source, .line = 1};
        node_put(at, part, child);
    }
    return child;
}

bool node_set(node *root, const char *assignment, arena *memory, error *e)
{
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return bad_set(e, assignment, "write it as name=value", NULL);
    if (equals[1] == '\0')
        return bad_set(e, assignment, "the value is empty", NULL);
    char source[100];
    error problem = {0};
    snprintf(source, sizeof source, "--set %.80s", assignment);
    char *path = arena_text(memory, assignment, (size_t)(equals - assignment));
    node *value = document_parse(source, equals + 1, strlen(equals + 1), memory, &problem);
    if (value == NULL || path == NULL)
        return bad_set(e, assignment, "the value is not YAML:", problem.text);
    node *at = root;
    char *rest = path;
    char *part = strsep(&rest, ".");
    while (rest != NULL) {
        if (*part == '\0')
            return bad_set(e, assignment, "a name between the dots is empty", NULL);
        at = step_into(at, part, value->file, memory);
        if (at == NULL)
            return bad_set(e, assignment, "there is no", part);
        part = strsep(&rest, ".");
    }
    if (*part == '\0')
        return bad_set(e, assignment, "the name ends in a dot", NULL);
    if (at->kind == NODE_MAP) {
        node_put(at, part, value);
        return true;
    }
    node *item = at->kind == NODE_LIST ? list_item(at, part) : NULL;
    if (item == NULL)
        return bad_set(e, assignment, "there is no", part);
    value->next = item->next;
    *item = *value;
    return true;
}

void node_write_json(const node *n, json_writer *w)
{
    if (n->kind == NODE_SCALAR) {
        writer_text(w, n->text);
        return;
    }
    bool map = n->kind == NODE_MAP;
    map ? writer_object(w) : writer_array(w);
    for (const node *child = n->first; child != NULL; child = child->next) {
        if (map)
            writer_key(w, child->key);
        node_write_json(child, w);
    }
    map ? writer_object_end(w) : writer_array_end(w);
}
