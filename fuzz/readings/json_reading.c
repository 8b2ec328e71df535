#include "readings/json_reading.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/arena.h"
#include "base/check.h"
#include "json_text.h"

typedef struct {
    json_reading *out;
    size_t inside;  /* the container that is open, or 0 */
    size_t levels;  /* containers that are open */
    read_text name; /* of the member that comes */
} reader;

static int refuse(reader *r, const char *why)
{
    if (r->out->refusal == NULL)
        r->out->refusal = why;
    return 1;
}

static read_text keep(reader *r, const void *bytes, size_t length)
{
    buffer *texts = &r->out->texts;
    read_text kept = {texts->length, length};
    buffer_append(texts, bytes, length);
    buffer_append(texts, "", 1);
    return kept;
}

/* Another value; yajl has no more than one at the root. */
static read_value *add(reader *r, read_kind kind)
{
    json_reading *all = r->out;
    if (all->count == all->room) {
        all->room = all->room > 0 ? all->room * 2 : 64;
        all->values = memory_resize(all->values, all->room * sizeof *all->values);
    }
    read_value *made = &all->values[all->count];
    *made = (read_value){.kind = kind, .parent = r->inside, .end = all->count + 1};
    read_value *parent = &all->values[r->inside];
    if (all->count == 0 && kind != READ_OBJECT && kind != READ_ARRAY)
        refuse(r, "the root is neither object nor array");
    if (r->levels + 1 > JSON_LEVELS_MOST)
        refuse(r, "it has too many levels");
    if (all->count > 0) {
        parent->members++;
        made->named = parent->kind == READ_OBJECT;
        made->name = r->name;
    }
    all->count++;
    return made;
}

/* --- what yajl calls --- */

static int on_null(void *owner)
{
    add(owner, READ_NULL);
    return 1;
}

static int on_boolean(void *owner, int truth)
{
    add(owner, READ_BOOLEAN)->truth = truth != 0;
    return 1;
}

static int on_number(void *owner, const char *text, size_t length)
{
    reader *r = owner;
    read_text kept = keep(r, text, length);
    const char *number = json_text_of(r->out, kept);
    bool whole = strpbrk(number, ".eE") == NULL;
    errno = 0;
    if (whole && (strtoll(number, NULL, 10), errno == ERANGE))
        refuse(r, "a whole number has more than 64 bits");
    if (!whole && !isfinite(strtod(number, NULL)))
        refuse(r, "a number is not finite");
    add(r, whole ? READ_WHOLE : READ_REAL)->text = kept;
    return 1;
}

static int on_text(void *owner, const unsigned char *text, size_t length)
{
    reader *r = owner;
    if (memchr(text, 0, length) != NULL)
        refuse(r, "a text has a NUL character");
    read_text kept = keep(r, text, length);
    add(r, READ_TEXT)->text = kept;
    return 1;
}

static int on_name(void *owner, const unsigned char *text, size_t length)
{
    reader *r = owner;
    if (memchr(text, 0, length) != NULL)
        refuse(r, "a name has a NUL character");
    r->name = keep(r, text, length);
    return 1;
}

static int open_container(reader *r, read_kind kind)
{
    size_t made = r->out->count;
    add(r, kind);
    r->inside = made;
    r->levels++;
    return 1;
}

static int on_object(void *owner)
{
    return open_container(owner, READ_OBJECT);
}

static int on_array(void *owner)
{
    return open_container(owner, READ_ARRAY);
}

static int compare_names(const void *a, const void *b, void *owner)
{
    const json_reading *all = owner;
    read_text one = all->values[*(const size_t *)a].name;
    read_text other = all->values[*(const size_t *)b].name;
    if (one.length != other.length)
        return one.length < other.length ? -1 : 1;
    return memcmp(json_text_of(all, one), json_text_of(all, other), one.length);
}

static bool has_name_twice(json_reading *all, const read_value *object)
{
    size_t few[8];
    bool many = object->members > sizeof few / sizeof few[0];
    size_t *named = many ? memory_take(object->members * sizeof *named) : few;
    size_t count = 0;
    bool twice = false;
    size_t first = (size_t)(object - all->values) + 1;
    for (size_t i = first; i < object->end; i = all->values[i].end)
        named[count++] = i;
    /* In order, equal ones are neighbours; of a few each is compared with each. */
    if (many)
        qsort_r(named, count, sizeof *named, compare_names, all);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count && (!many || k == i + 1); k++)
            twice = twice || compare_names(&named[i], &named[k], all) == 0;
    if (many)
        free(named);
    return twice;
}

static int on_end(void *owner)
{
    reader *r = owner;
    read_value *ended = &r->out->values[r->inside];
    ended->end = r->out->count;
    if (ended->kind == READ_OBJECT && has_name_twice(r->out, ended))
        refuse(r, "a name stands twice in an object");
    r->inside = ended->parent;
    r->levels--;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_text,
    .yajl_start_map = on_object,
    .yajl_map_key = on_name,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

/* --- the whole --- */

static const char *raw_refusal(const void *bytes, size_t length)
{
    json_text text = {0};
    if (length > 0 && memchr(bytes, 0, length) != NULL)
        return "it has a NUL byte";
    const char *wrong = json_text_feed(&text, bytes, length);
    return wrong != NULL ? wrong : json_text_end(&text);
}

/* The quote is for what yajl overlooks: a text that begins behind the end and never ends. It cannot
 * make whole what was not, for a root that is a text is refused anyway. */
static bool is_whole(yajl_handle parser, const void *bytes, size_t length)
{
    return yajl_parse(parser, bytes, length) == yajl_status_ok &&
           yajl_parse(parser, (const unsigned char *)"\"", 1) == yajl_status_ok &&
           yajl_complete_parse(parser) == yajl_status_ok;
}

void json_read(json_reading *r, const void *bytes, size_t length)
{
    reader reading = {.out = r};
    r->count = 0;
    buffer_clear(&r->texts);
    r->refusal = raw_refusal(bytes, length);
    if (r->refusal != NULL)
        return;
    yajl_handle parser = yajl_alloc(&callbacks, NULL, &reading);
    CHECK(parser != NULL);
    if (!is_whole(parser, bytes, length))
        r->refusal = "yajl refuses it";
    yajl_free(parser);
}

void json_reading_free(json_reading *r)
{
    free(r->values);
    buffer_free(&r->texts);
    *r = (json_reading){0};
}

const read_value *json_member(const json_reading *r, const read_value *object, const char *name)
{
    for (size_t i = (size_t)(object - r->values) + 1; i < object->end; i = r->values[i].end)
        if (r->values[i].named && json_text_is(r, r->values[i].name, name))
            return &r->values[i];
    return NULL;
}

const read_value *json_root_member(const json_reading *r, const char *name)
{
    return json_member(r, r->values, name);
}

bool json_text_is(const json_reading *r, read_text text, const char *wanted)
{
    return strcmp(json_text_of(r, text), wanted) == 0;
}

const char *json_text_of(const json_reading *r, read_text text)
{
    return buffer_text(&r->texts) + text.start;
}

int64_t json_whole_of(const json_reading *r, const read_value *value)
{
    return strtoll(json_text_of(r, value->text), NULL, 10);
}
