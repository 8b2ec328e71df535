/* Typed reading of a map node by a table of fields, with complaints that name the line and the
 * nearest word. */
#ifndef ORDEAL_PLAN_FIELDS_H
#define ORDEAL_PLAN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parameters.h"
#include "yaml/document.h"

typedef struct {
    arena *memory;
    error *e;
    const char *folder; /* of the file being read, for names that refer to others */
} loader;

typedef bool (*field_reader)(loader *l, const node *value, void *target);

typedef struct {
    const char *name;
    field_reader read;
    const char *form;        /* the definition in schema.c that a value must meet */
    const char *description; /* for editors, by way of the schema */
} field;

typedef struct {
    const field *fields;
    size_t count;
} field_table;

/* Every child of `map` is read by the field of its name. An unknown name is an error, unless `rest`
 * takes it. */
bool fields_read(loader *l, const node *map, const char *what, const field_table *table,
                 field_reader rest, void *target);

bool fields_text(loader *l, const node *n, const char **out);
bool fields_duration(loader *l, const node *n, uint64_t *out);
bool fields_whole(loader *l, const node *n, uint64_t least, uint64_t most, uint64_t *out);
bool fields_real(loader *l, const node *n, double *out);
bool fields_switch(loader *l, const node *n, bool *out);
/* `words` ends in NULL; *out is the index of the one given. */
bool fields_word(loader *l, const node *n, const char *const *words, size_t *out);
bool fields_texts(loader *l, const node *n, const char ***out); /* ends in NULL */
bool fields_map(const node *n, error *e);
bool fields_list(const node *n, error *e);
/* "unknown X 'y'; nearest is z" at the node's line. Returns false. */
bool fields_unknown(const node *n, error *e, const char *what, const char *word,
                    const char *const *known, size_t count);

/* For a key that is neither in the table nor among the parameters. Returns false. */
bool fields_unknown_key(loader *l, const node *n, const char *what, const field_table *table,
                        const parameter *rows, size_t count);
/* A field that somebody else reads. */
bool fields_skip(loader *l, const node *n, void *target);

/* Parameters of a table row: first all fallbacks, then what the map gives under the rows' names. */
bool fields_fallbacks(loader *l, const node *where, const char *owner, const parameter *rows,
                      size_t count, parameter_value *values, const node *given);
bool fields_parameter(loader *l, const node *n, const parameter *row, parameter_value *value);

void *loader_take(loader *l, size_t count, size_t size);

#endif
