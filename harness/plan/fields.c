#include "plan/fields.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/suggest.h"
#include "base/timing.h"
#include "base/units.h"

#define WORDS_MOST    64
#define DURATION_MOST ((uint64_t)1000 * 3600) /* seconds */

bool fields_unknown(const node *n, error *e, const char *what, const char *word,
                    const char *const *known, size_t count)
{
    const char *near = suggest_nearest(word, known, count);
    if (near != NULL)
        return node_error(n, e, "unknown %s '%.80s'; did you mean '%s'?", what, word, near);
    buffer list = {0};
    for (size_t i = 0; i < count; i++)
        buffer_printf(&list, "%s%s", i > 0 ? ", " : "", known[i]);
    node_error(n, e, "unknown %s '%.80s'; there are: %.300s", what, word, buffer_text(&list));
    buffer_free(&list);
    return false;
}

bool fields_map(const node *n, error *e)
{
    return n->kind == NODE_MAP || node_error(n, e, "%s must be a map (name: value lines)",
                                             n->key != NULL ? n->key : "what stands here");
}

bool fields_list(const node *n, error *e)
{
    return n->kind == NODE_LIST || node_error(n, e, "%s must be a list (lines that begin with '-')",
                                              n->key != NULL ? n->key : "this");
}

static const field *find_field(const field_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].name, name) == 0)
            return &table->fields[i];
    return NULL;
}

bool fields_unknown_key(loader *l, const node *n, const char *what, const field_table *table,
                        const parameter *rows, size_t count)
{
    const char *names[WORDS_MOST];
    char kind[80];
    CHECK(table->count + count <= WORDS_MOST);
    for (size_t i = 0; i < table->count; i++)
        names[i] = table->fields[i].name;
    for (size_t i = 0; i < count; i++)
        names[table->count + i] = rows[i].name;
    snprintf(kind, sizeof kind, "key in %s", what);
    node key = *n;
    key.line = n->key_line;
    return fields_unknown(&key, l->e, kind, n->key, names, table->count + count);
}

bool fields_skip(loader *l, const node *n, void *target)
{
    (void)l;
    (void)n;
    (void)target;
    return true;
}

bool fields_read(loader *l, const node *map, const char *what, const field_table *table,
                 field_reader rest, void *target)
{
    if (!fields_map(map, l->e))
        return false;
    for (const node *child = map->first; child != NULL; child = child->next) {
        const field *f = find_field(table, child->key);
        field_reader read = f != NULL ? f->read : rest;
        if (read != NULL) {
            if (!read(l, child, target))
                return false;
            continue;
        }
        return fields_unknown_key(l, child, what, table, NULL, 0);
    }
    return true;
}

static const char *scalar(const node *n, error *e)
{
    if (n->kind == NODE_SCALAR)
        return n->text;
    node_error(n, e, "%s must be a single value, not a %s", n->key != NULL ? n->key : "this",
               n->kind == NODE_MAP ? "map" : "list");
    return NULL;
}

static const char *name_of(const node *n)
{
    return n->key != NULL ? n->key : "this value";
}

bool fields_text(loader *l, const node *n, const char **out)
{
    const char *text = scalar(n, l->e);
    if (text == NULL)
        return false;
    if (text[0] == '\0')
        return node_error(n, l->e, "%s is empty", name_of(n));
    *out = text;
    return true;
}

/* So that sums of a few of them fit, and a few times a random one. */
static bool short_enough(loader *l, const node *n, const char *name, uint64_t length)
{
    return length <= DURATION_MOST * NANOSECONDS_PER_SECOND ||
           node_error(n, l->e, "%s: at most %" PRIu64 " h", name, DURATION_MOST / 3600);
}

static bool is_negative(const char *text)
{
    return text[0] == '-' && isdigit((unsigned char)text[1]);
}

static bool lacks_unit(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

bool fields_duration(loader *l, const node *n, uint64_t *out)
{
    const char *text = scalar(n, l->e);
    if (text == NULL)
        return false;
    if (is_negative(text))
        return node_error(n, l->e, "%s: a duration cannot be negative, like '%.40s'", name_of(n),
                          text);
    if (!units_duration(text, out))
        return lacks_unit(text)
                   ? node_error(n, l->e, "%s: '%.40s' has no unit; write it like %.40ss or %.40sms",
                                name_of(n), text, text, text)
                   : node_error(n, l->e,
                                "%s: '%.40s' is not a duration; write it like 200ms, 5s or 2m",
                                name_of(n), text);
    return short_enough(l, n, name_of(n), *out);
}

bool fields_whole(loader *l, const node *n, uint64_t least, uint64_t most, uint64_t *out)
{
    const char *text = scalar(n, l->e);
    uint64_t number;
    if (text == NULL)
        return false;
    if (!units_whole(text, &number) || number < least || number > most)
        return node_error(n, l->e, "%s: '%.40s' is not a whole number from %" PRIu64 " to %" PRIu64,
                          name_of(n), text, least, most);
    *out = number;
    return true;
}

bool fields_real(loader *l, const node *n, double *out)
{
    const char *text = scalar(n, l->e);
    if (text == NULL)
        return false;
    return units_real(text, out) ||
           node_error(n, l->e, "%s: '%.40s' is not a number", name_of(n), text);
}

bool fields_switch(loader *l, const node *n, bool *out)
{
    const char *text = scalar(n, l->e);
    if (text == NULL)
        return false;
    *out = strcmp(text, "true") == 0;
    return *out || strcmp(text, "false") == 0 ||
           node_error(n, l->e, "%s: '%.40s' is not true or false", name_of(n), text);
}

bool fields_word(loader *l, const node *n, const char *const *words, size_t *out)
{
    const char *text = scalar(n, l->e);
    size_t count = 0;
    if (text == NULL)
        return false;
    for (; words[count] != NULL; count++) {
        if (strcmp(words[count], text) == 0) {
            *out = count;
            return true;
        }
    }
    return fields_unknown(n, l->e, name_of(n), text, words, count);
}

void *loader_take(loader *l, size_t count, size_t size)
{
    void *place = arena_take(l->memory, count * size + 1);
    if (place == NULL)
        error_set(l->e, ERROR_LIMIT, "scenario", "needs more memory than is allowed for one");
    return place;
}

bool fields_texts(loader *l, const node *n, const char ***out)
{
    if (!fields_list(n, l->e))
        return false;
    const char **texts = loader_take(l, n->count + 1, sizeof *texts);
    size_t count = 0;
    if (texts == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next) {
        texts[count] = scalar(item, l->e);
        if (texts[count++] == NULL)
            return false;
    }
    *out = texts;
    return true;
}

bool fields_parameter(loader *l, const node *n, const parameter *row, parameter_value *value)
{
    const char *text = scalar(n, l->e);
    error problem = {0};
    if (text == NULL)
        return false;
    if (row->type == PARAMETER_DURATION && is_negative(text))
        return node_error(n, l->e, "%s: a duration cannot be negative, like '%.40s'", row->name,
                          text);
    if (!parameter_parse(row, text, value, &problem))
        return node_error(n, l->e, "%s", problem.text);
    return row->type != PARAMETER_DURATION || short_enough(l, n, row->name, value->number);
}

bool fields_fallbacks(loader *l, const node *where, const char *owner, const parameter *rows,
                      size_t count, parameter_value *values, const node *given)
{
    CHECK(count <= PARAMETERS_MOST);
    for (size_t i = 0; i < count; i++) {
        error problem = {0};
        bool present =
            given != NULL && given->kind == NODE_MAP && node_child(given, rows[i].name) != NULL;
        if (present)
            continue;
        if (rows[i].fallback == NULL)
            return node_error(where, l->e, "%s needs '%s': %s", owner, rows[i].name,
                              rows[i].description);
        CHECK(parameter_parse(&rows[i], rows[i].fallback, &values[i], &problem));
    }
    return true;
}
