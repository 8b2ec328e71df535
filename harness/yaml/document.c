#include "yaml/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/files.h"

#define NODES_MOST 50000
#define DEPTH_MOST 20

typedef struct {
    const char *file;
    arena *memory;
    yaml_parser_t parser;
    size_t nodes;
    error *e;
} reading;

static bool refuse(reading *r, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(reading *r, unsigned line, const char *format, ...)
{
    char place[160];
    snprintf(place, sizeof place, "%s:%u", r->file, line);
    va_list values;
    va_start(values, format);
    error_set_va(r->e, ERROR_USAGE, place, format, values);
    va_end(values);
    return false;
}

static unsigned line_of(const yaml_event_t *event)
{
    return (unsigned)event->start_mark.line + 1;
}

static bool next_event(reading *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    const char *problem = r->parser.problem != NULL ? r->parser.problem : "not YAML";
    if (r->parser.error == YAML_READER_ERROR)
        return refuse(r, 1, "%s at byte %zu", problem, r->parser.problem_offset);
    return refuse(r, (unsigned)r->parser.problem_mark.line + 1, "%s", problem);
}

static bool plain(reading *r, const yaml_event_t *event, const yaml_char_t *anchor,
                  const yaml_char_t *tag)
{
    if (anchor != NULL)
        return refuse(r, line_of(event),
                      "anchors are not taken here; use 'extends' or write it out");
    if (tag != NULL)
        return refuse(r, line_of(event), "tags such as %s are not taken here", (const char *)tag);
    return true;
}

static node *new_node(reading *r, const yaml_event_t *event, node_kind kind)
{
    node *n = ++r->nodes <= NODES_MOST ? arena_take(r->memory, sizeof *n) : NULL;
    if (n == NULL) {
        refuse(r, line_of(event), "too much: at most %d values are taken", NODES_MOST);
        return NULL;
    }
    *n = (node){.kind = kind, .file = r->file, .line = line_of(event)};
    return n;
}

static void append_child(node *parent, node **last, node *child)
{
    if (*last == NULL)
        parent->first = child;
    else
        (*last)->next = child;
    *last = child;
    parent->count++;
}

static node *read_node(reading *r, const yaml_event_t *event, int depth);

static node *read_scalar(reading *r, const yaml_event_t *event)
{
    node *n = new_node(r, event, NODE_SCALAR);
    if (n == NULL)
        return NULL;
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (memchr(text, '\0', length) != NULL) {
        refuse(r, line_of(event), "a text with a NUL character");
        return NULL;
    }
    n->text = arena_text(r->memory, text, length);
    n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (n->text == NULL)
        refuse(r, line_of(event), "too much text");
    return n->text != NULL ? n : NULL;
}

static node *read_list(reading *r, const yaml_event_t *start, int depth)
{
    node *list = new_node(r, start, NODE_LIST);
    node *last = NULL;
    while (list != NULL) {
        yaml_event_t event;
        if (!next_event(r, &event))
            return NULL;
        bool ended = event.type == YAML_SEQUENCE_END_EVENT;
        node *item = ended ? NULL : read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (ended)
            return list;
        if (item == NULL)
            return NULL;
        append_child(list, &last, item);
    }
    return NULL;
}

static bool read_key(reading *r, const node *map, const yaml_event_t *event, const char **key)
{
    if (event->type != YAML_SCALAR_EVENT)
        return refuse(r, line_of(event), "a key must be a plain word");
    const char *text = (const char *)event->data.scalar.value;
    const node *twin = node_child(map, text);
    if (twin != NULL)
        return refuse(r, line_of(event), "'%s' is given twice; first on line %u", text,
                      twin->key_line);
    *key = arena_text(r->memory, text, event->data.scalar.length);
    return *key != NULL || refuse(r, line_of(event), "too much text");
}

static bool read_pair(reading *r, node *map, node **last, const yaml_event_t *key_event, int depth)
{
    const char *key = NULL;
    if (!plain(r, key_event, key_event->data.scalar.anchor, NULL) ||
        !read_key(r, map, key_event, &key))
        return false;
    yaml_event_t event;
    if (!next_event(r, &event))
        return false;
    node *value = read_node(r, &event, depth + 1);
    yaml_event_delete(&event);
    if (value == NULL)
        return false;
    value->key = key;
    value->key_line = line_of(key_event);
    append_child(map, last, value);
    return true;
}

static node *read_map(reading *r, const yaml_event_t *start, int depth)
{
    node *map = new_node(r, start, NODE_MAP);
    node *last = NULL;
    while (map != NULL) {
        yaml_event_t event;
        if (!next_event(r, &event))
            return NULL;
        bool ended = event.type == YAML_MAPPING_END_EVENT;
        bool fine = ended;
        if (!ended && event.type != YAML_SCALAR_EVENT)
            refuse(r, line_of(&event), "a key must be a plain word");
        else if (!ended)
            fine = read_pair(r, map, &last, &event, depth);
        yaml_event_delete(&event);
        if (ended)
            return map;
        if (!fine)
            return NULL;
    }
    return NULL;
}

static node *read_node(reading *r, const yaml_event_t *event, int depth)
{
    if (depth > DEPTH_MOST) {
        refuse(r, line_of(event), "nested deeper than %d levels", DEPTH_MOST);
        return NULL;
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return plain(r, event, event->data.scalar.anchor, event->data.scalar.tag)
                   ? read_scalar(r, event)
                   : NULL;
    case YAML_SEQUENCE_START_EVENT:
        return plain(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag)
                   ? read_list(r, event, depth)
                   : NULL;
    case YAML_MAPPING_START_EVENT:
        return plain(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag)
                   ? read_map(r, event, depth)
                   : NULL;
    case YAML_ALIAS_EVENT:
        refuse(r, line_of(event), "aliases are not taken here; use 'extends' or write it out");
        return NULL;
    default:
        refuse(r, line_of(event), "a value was expected");
        return NULL;
    }
}

static node *read_document(reading *r)
{
    node *root = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(r, &event))
            return NULL;
        yaml_event_type_t type = event.type;
        unsigned line = line_of(&event);
        bool content = type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                       type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT;
        bool second = type == YAML_DOCUMENT_START_EVENT && root != NULL;
        node *found = content ? read_node(r, &event, 1) : NULL;
        yaml_event_delete(&event);
        if (second)
            refuse(r, line, "a second document begins; one file is one document");
        if (second || (content && found == NULL))
            return NULL;
        if (content)
            root = found;
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (root == NULL || (root->kind == NODE_SCALAR && root->text[0] == '\0')) {
        refuse(r, 1, "the file is empty");
        return NULL;
    }
    return root;
}

node *document_parse(const char *name, const char *text, size_t length, arena *memory, error *e)
{
    reading r = {.file = arena_text(memory, name, strlen(name)), .memory = memory, .e = e};
    CHECK(r.file != NULL);
    CHECK(yaml_parser_initialize(&r.parser));
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
    node *root = read_document(&r);
    yaml_parser_delete(&r.parser);
    return root;
}

node *document_read(const char *path, arena *memory, error *e)
{
    buffer text = {0};
    error problem = {0};
    node *root = NULL;
    if (files_read(path, DOCUMENT_BYTES_MOST, &text, &problem))
        root = document_parse(path, buffer_text(&text), text.length, memory, e);
    else
        error_set(e, ERROR_USAGE, path, "%s", problem.text);
    buffer_free(&text);
    return root;
}

bool node_error(const node *n, error *e, const char *format, ...)
{
    char place[160];
    snprintf(place, sizeof place, "%s:%u", n->file,
             n->key != NULL && n->kind != NODE_SCALAR ? n->key_line : n->line);
    va_list values;
    va_start(values, format);
    error_set_va(e, ERROR_USAGE, place, format, values);
    va_end(values);
    return false;
}
