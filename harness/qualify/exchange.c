#include "qualify/exchange.h"

#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"

#define TEXT_MOST    ((size_t)32768)
#define FIELDS_MOST  ((size_t)8)
#define KEPT_MOST    8
#define NAME_LONGEST 1024 /* bytes, CONTRACT.md, NAMES-1 */
#define PAUSE        (250 * NANOSECONDS_PER_MILLISECOND)
#define TRACE_LENGTH 32

typedef struct {
    char name[32];
    char value[512];
} kept_value;

typedef struct {
    probe *probe;
    char encoded[256];
    char longest[NAME_LONGEST + 1];
    kept_value kept[KEPT_MOST];
    size_t kept_count;
} conversation;

/* --- what stands in braces --- */

static const char *word_of(const conversation *c, const char *name, size_t length)
{
    if (length == 1 && name[0] == 'u')
        return probe_unique(c->probe);
    if (length == 3 && strncmp(name, "u64", 3) == 0)
        return c->encoded;
    if (length == 4 && strncmp(name, "long", 4) == 0)
        return c->longest;
    for (size_t i = c->kept_count; i-- > 0;)
        if (strlen(c->kept[i].name) == length && strncmp(c->kept[i].name, name, length) == 0)
            return c->kept[i].value;
    return NULL;
}

/* A brace that no kept name stands behind is a brace: JSON is full of them. */
static void fill(const conversation *c, const char *text, char out[TEXT_MOST])
{
    size_t used = 0;
    for (const char *at = text; *at != '\0';) {
        size_t name = at[0] == '{' ? strcspn(at + 1, "}") : 0;
        const char *value = name > 0 ? word_of(c, at + 1, name) : NULL;
        size_t length = value != NULL ? strlen(value) : 1;
        CHECK(used + length < TEXT_MOST);
        memcpy(out + used, value != NULL ? value : at, length);
        used += length;
        at += value != NULL ? name + 2 : 1;
    }
    out[used] = '\0';
}

/* --- JSON by path --- */

static json_t *find(json_t *root, const char *path)
{
    char key[64];
    json_t *at = root;
    while (at != NULL && path[0] != '\0') {
        size_t length = strcspn(path, ".");
        CHECK(length < sizeof key);
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        at = json_is_array(at) ? json_array_get(at, strtoull(key, NULL, 10))
                               : json_object_get(at, key);
        path += length + (path[length] == '.');
    }
    return at;
}

/* What stands at a path, as text: a string bare, all else as JSON; "" when nothing does. */
static void show(json_t *root, const char *path, char *out, size_t size)
{
    size_t length = strlen(path);
    char parent[128];
    out[0] = '\0';
    if (length >= 2 && strcmp(path + length - 2, ".#") == 0) {
        snprintf(parent, sizeof parent, "%.*s", (int)(length - 2), path);
        const json_t *list = find(root, parent);
        if (json_is_array(list))
            snprintf(out, size, "%zu", json_array_size(list));
        return;
    }
    const json_t *value = find(root, path);
    if (json_is_string(value)) {
        snprintf(out, size, "%s", json_string_value(value));
    } else if (value != NULL) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
        snprintf(out, size, "%s", text);
        free(text);
    }
}

/* --- one expectation --- */

static bool is_as_wanted(const char *seen, const char *wanted)
{
    return strcmp(wanted, "~") == 0 ? seen[0] != '\0' : strcmp(seen, wanted) == 0;
}

/* What is wrong, or "". */
static void look(const reply *r, json_t *root, const char *item, char *wrong, size_t size)
{
    char name[128];
    char seen[2048];
    const char *sign = item + strcspn(item, "=:>");
    snprintf(name, sizeof name, "%.*s", (int)(sign - item), item);
    wrong[0] = '\0';
    if (item[0] == '*' || item[0] == '-') {
        bool found = strstr(buffer_text(&r->body), item + 1) != NULL;
        if (found != (item[0] == '*'))
            snprintf(wrong, size, "'%.100s' is%s in it", item + 1, found ? "" : " not");
    } else if (item[0] == '\'') {
        if (!reply_is(r, item + 1, strlen(item + 1)))
            snprintf(wrong, size, "%zu bytes, or others: %.60s", r->body.length,
                     buffer_text(&r->body));
    } else if (item[0] == '!') {
        if (root == NULL || find(root, item + 1) != NULL)
            snprintf(wrong, size, "%s is there", item + 1);
    } else if (sign[0] == ':') {
        const char *wanted = sign + 2;
        reply_field(r, name, seen, sizeof seen);
        if (!is_as_wanted(seen, wanted))
            snprintf(wrong, size, "%s: %.200s", name, seen);
    } else if (sign[0] == '>') {
        show(root, name, seen, sizeof seen);
        if (strtoull(seen, NULL, 10) <= strtoull(sign + 1, NULL, 10))
            snprintf(wrong, size, "%s is %.200s, not more than %.100s", name, seen, sign + 1);
    } else {
        CHECK(sign[0] == '=');
        show(root, name, seen, sizeof seen);
        if (!is_as_wanted(seen, sign + 1))
            snprintf(wrong, size, "%s is %.200s instead of %.100s", name, seen, sign + 1);
    }
}

static void look_at_problem(const reply *r, json_t *root, char *wrong, size_t size)
{
    char field[128];
    char trace[64];
    char status[16];
    snprintf(status, sizeof status, "status=%u", r->status);
    look(r, root, "Content-Type: application/problem+json", wrong, size);
    if (wrong[0] == '\0')
        look(r, root, status, wrong, size);
    static const char *const texts[] = {"type", "title", "detail", "code", "retryable"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && wrong[0] == '\0'; i++) {
        show(root, texts[i], field, sizeof field);
        if (field[0] == '\0')
            snprintf(wrong, size, "a problem without %s", texts[i]);
    }
    show(root, "trace_id", trace, sizeof trace);
    if (wrong[0] == '\0' &&
        (strlen(trace) != TRACE_LENGTH || strspn(trace, "0123456789abcdef") != TRACE_LENGTH))
        snprintf(wrong, size, "trace_id is %s", trace);
    reply_field(r, "Retry-After", field, sizeof field);
    if (wrong[0] == '\0' && (r->status == 429 || r->status == 503) && strtoul(field, NULL, 10) < 1)
        snprintf(wrong, size, "Retry-After: %s", field);
}

static void look_at_all(const conversation *c, const exchange *step, const reply *r, json_t *root,
                        char *wrong, size_t size)
{
    char shows[TEXT_MOST];
    wrong[0] = '\0';
    if ((r->failure[0] != '\0' && step->leaves_after == 0) || r->status != step->status) {
        snprintf(wrong, size, "status %u instead of %u %s", r->status, step->status, r->failure);
        return;
    }
    if (step->status >= 400 && strncmp(step->ask, "HEAD", 4) != 0)
        look_at_problem(r, root, wrong, size);
    fill(c, step->shows != NULL ? step->shows : "", shows);
    for (char *item = shows; item != NULL && item[0] != '\0' && wrong[0] == '\0';) {
        char *end = item[0] == '\'' ? NULL : strstr(item, " & ");
        if (end != NULL)
            end[0] = '\0';
        look(r, root, item, wrong, size);
        item = end != NULL ? end + 3 : NULL;
    }
}

/* --- one step --- */

static const reply *ask(conversation *c, const exchange *step)
{
    char line[TEXT_MOST];
    char fields[TEXT_MOST];
    char text[TEXT_MOST];
    const char *headers[2 * FIELDS_MOST + 1] = {NULL};
    size_t count = 0;
    fill(c, step->ask, line);
    fill(c, step->fields != NULL ? step->fields : "", fields);
    fill(c, step->body != NULL ? step->body : "", text);
    for (char *at = fields; at[0] != '\0';) {
        char *end = at + strcspn(at, "\n");
        char *next = end + (end[0] == '\n');
        end[0] = '\0';
        char *value = strstr(at, ": ");
        CHECK(value != NULL && count + 2 <= 2 * FIELDS_MOST);
        value[0] = '\0';
        headers[count++] = at;
        headers[count++] = value + 2;
        at = next;
    }
    char *address = strchr(line, ' ');
    CHECK(address != NULL);
    *address++ = '\0';
    buffer body = {0};
    for (unsigned i = 0; step->body != NULL && i < (step->times > 0 ? step->times : 1); i++)
        buffer_text_append(&body, text);
    probe_leave_after(c->probe, step->leaves_after);
    const reply *r = probe_ask(c->probe, line, address, headers[0] != NULL ? headers : NULL,
                               step->body != NULL ? buffer_text(&body) : NULL, body.length);
    buffer_free(&body);
    return r;
}

static void keep(conversation *c, const exchange *step, const reply *r, json_t *root)
{
    size_t length = strlen(step->keep);
    bool field = step->keep[length - 1] == ':';
    CHECK(c->kept_count < KEPT_MOST);
    kept_value *k = &c->kept[c->kept_count++];
    snprintf(k->name, sizeof k->name, "%.*s", (int)(field ? length - 1 : length), step->keep);
    if (field)
        reply_field(r, k->name, k->value, sizeof k->value);
    else
        show(root, k->name, k->value, sizeof k->value);
}

static bool step_holds(conversation *c, const exchange *step)
{
    char wrong[512];
    uint64_t until = timing_now() + step->within * NANOSECONDS_PER_SECOND;
    for (;;) {
        const reply *r = ask(c, step);
        json_t *root = json_loadb(buffer_text(&r->body), r->body.length, 0, NULL);
        look_at_all(c, step, r, root, wrong, sizeof wrong);
        if (wrong[0] == '\0' && step->keep != NULL)
            keep(c, step, r, root);
        json_decref(root);
        if (wrong[0] == '\0' || timing_now() > until)
            return probe_expect(c->probe, wrong[0] == '\0', "%s: %s", step->ask, wrong);
        timing_sleep(PAUSE);
    }
}

void converse(probe *p, const exchange *steps)
{
    conversation c = {.probe = p};
    const char *unique = probe_unique(p);
    size_t length = strlen(unique);
    CHECK(length < sizeof c.encoded / 2);
    sodium_bin2base64(c.encoded, sizeof c.encoded, (const unsigned char *)unique, length,
                      sodium_base64_VARIANT_ORIGINAL);
    memset(c.longest, 'x', NAME_LONGEST);
    memcpy(c.longest, unique, length);
    for (const exchange *step = steps; step->ask != NULL; step++)
        if (!step_holds(&c, step))
            return;
}

bool speaks_storage_api(const probe_target *target, const driver *d)
{
    (void)target;
    return strcmp(d->name, "reference") == 0;
}

double figure_of(const reply *r, const char *name)
{
    char label[160];
    snprintf(label, sizeof label, "\n%s ", name);
    const char *at = strstr(buffer_text(&r->body), label);
    return at != NULL ? strtod(at + strlen(label), NULL) : -1;
}

time_t moment_of(const reply *r, const char *field)
{
    char text[PROBE_TEXT_SIZE];
    return curl_getdate(reply_field(r, field, text, sizeof text), NULL);
}
