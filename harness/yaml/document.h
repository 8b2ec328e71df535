/* A YAML file as a tree in which every node knows its line, so that every complaint can name it.
 *
 * Read with libyaml's events, not libcyaml: extends and --set work on the tree before it is typed,
 * and a wrong value needs its line long after loading. Refused with file:line: more than 1 MiB,
 * more than 50 000 nodes, nesting over 20, aliases and anchors (a bomb needs them, a scenario does
 * not), tags, a key given twice, several documents. Everything lives in the arena that the caller
 * passes. */
#ifndef ORDEAL_YAML_DOCUMENT_H
#define ORDEAL_YAML_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json_writer.h"

#define DOCUMENT_BYTES_MOST ((size_t)1 << 20)
#define DOCUMENT_ARENA_MOST ((size_t)64 << 20)

typedef enum { NODE_SCALAR, NODE_LIST, NODE_MAP } node_kind;

typedef struct node node;
struct node {
    node_kind kind;
    const char *file;
    unsigned line;
    const char *key; /* inside a map */
    unsigned key_line;
    const char *text; /* scalar */
    bool quoted;
    node *first; /* children, in the file's order */
    node *next;
    size_t count;
};

/* NULL on error, with the place "file:line". */
node *document_read(const char *path, arena *memory, error *e);
node *document_parse(const char *name, const char *text, size_t length, arena *memory, error *e);

/* The child called `key`, or NULL. */
node *node_child(const node *map, const char *key);
/* Replaces or appends a child of a map. */
void node_put(node *map, const char *key, node *value);
/* Does nothing when there is no such child. */
void node_remove(node *map, const char *key);
/* Maps merge key by key, everything else of `over` replaces `base`. */
node *node_merge(node *base, node *over);
/* "duration=10s", "clients.0.count=5", "clients.uploader.count=5": the last name of a list item is
 * its index or its `name`. ERROR_USAGE says which part of the path does not exist. */
bool node_set(node *root, const char *assignment, arena *memory, error *e);
/* ERROR_USAGE at this node's line. Returns false. */
bool node_error(const node *n, error *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The tree as JSON; unquoted scalars that are numbers or booleans stay texts, which the loader
 * takes alike. */
void node_write_json(const node *n, json_writer *w);

#endif
