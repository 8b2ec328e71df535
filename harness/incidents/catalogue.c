#include "incidents/catalogue.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/suggest.h"
#include "plan/fields.h"

#define INCIDENTS_MOST 500
#define STORY_MOST     ((size_t)64 << 10)
#define CATALOGUE_MOST ((size_t)16 << 20)
#define PATCH_MOST     ((size_t)1 << 20)

#define TEMPLATE_BEGINS "Make it with: git diff reference/" /* as TEMPLATE/defect.patch does */

/* --- the head of a story --- */

static bool read_number(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 1, INCIDENTS_MOST, &((incident *)target)->number);
}

static bool read_id(loader *l, const node *n, void *target)
{
    incident *i = target;
    const char *text;
    if (!fields_text(l, n, &text))
        return false;
    return strcmp(text, i->id) == 0 ||
           node_error(n, l->e, "incident must be the name of its folder, '%s'", i->id);
}

static bool read_title(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((incident *)target)->title);
}

static bool read_system(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((incident *)target)->system);
}

static bool read_date(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((incident *)target)->date);
}

static bool read_invariant(loader *l, const node *n, void *target)
{
    incident *i = target;
    const char *name;
    const char *known[64];
    if (!fields_text(l, n, &name))
        return false;
    i->invariant = judge_named(name);
    for (size_t k = 0; k < judge_count; k++)
        known[k] = judges[k]->name;
    return i->invariant != NULL || fields_unknown(n, l->e, "invariant", name, known, judge_count);
}

static const field head_rows[] = {
    {"number", read_number, "whole", "counts the incidents"},
    {"incident", read_id, "text", "the folder's name"},
    {"title", read_title, "text", "one line"},
    {"system", read_system, "text", "where it happened"},
    {"date", read_date, "text", "when"},
    {"invariant", read_invariant, "text", "the one that it breaks"},
};
static const field_table head_table = {head_rows, sizeof head_rows / sizeof head_rows[0]};

/* The text up to the second "---", so that complaints name the story's own lines. */
static size_t head_length(const char *text)
{
    const char *end = strncmp(text, "---\n", 4) == 0 ? strstr(text + 4, "\n---\n") : NULL;
    return end != NULL ? (size_t)(end - text) + 1 : 0;
}

static bool read_story(loader *l, const char *path, incident *i)
{
    buffer text = {0};
    bool fine = files_read(path, STORY_MOST, &text, l->e);
    size_t length = fine ? head_length(buffer_text(&text)) : 0;
    if (fine && length == 0)
        fine = error_set(l->e, ERROR_USAGE, path,
                         "a story begins with its head: '---', fields, '---'");
    node *head = fine ? document_parse(path, buffer_text(&text), length, l->memory, l->e) : NULL;
    fine = head != NULL && fields_read(l, head, "a story's head", &head_table, NULL, i);
    buffer_free(&text);
    if (fine && (i->number == 0 || i->title == NULL || i->invariant == NULL))
        fine = error_set(l->e, ERROR_USAGE, path,
                         "the head must have number, incident, title and invariant");
    return fine;
}

/* --- folders --- */

static const char *join(loader *l, const char *folder, const char *name)
{
    char path[1024];
    return files_join(path, sizeof path, folder, name, l->e)
               ? arena_text(l->memory, path, strlen(path))
               : NULL;
}

static bool read_incident(loader *l, const char *folder, const char *id, incident *out)
{
    const char *story;
    *out = (incident){.id = arena_text(l->memory, id, strlen(id)), .system = "", .date = ""};
    if (out->id == NULL || (out->folder = join(l, folder, id)) == NULL ||
        (story = join(l, out->folder, "story.md")) == NULL ||
        (out->scenario = join(l, out->folder, "scenario.yaml")) == NULL ||
        (out->patch = join(l, out->folder, "defect.patch")) == NULL)
        return false;
    const char *needed[] = {story, out->scenario, out->patch};
    for (size_t i = 0; i < 3; i++)
        if (access(needed[i], R_OK) != 0)
            return error_set(l->e, ERROR_USAGE, needed[i], "an incident needs this file");
    return read_story(l, story, out);
}

/* An incident's folder is named in small letters; what else stands there is not one. */
static int is_incident(const struct dirent *entry)
{
    return entry->d_type != DT_REG && entry->d_name[0] >= 'a' && entry->d_name[0] <= 'z' &&
           strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(entry->d_name);
}

static int by_number(const void *a, const void *b)
{
    const incident *x = a;
    const incident *y = b;
    return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                  : strcmp(x->id, y->id);
}

static bool unique_numbers(const catalogue *c, error *e)
{
    for (size_t i = 1; i < c->count; i++)
        if (c->incidents[i].number == c->incidents[i - 1].number)
            return error_set(e, ERROR_USAGE, c->incidents[i].folder, "has the number of %s",
                             c->incidents[i - 1].id);
    return true;
}

static bool read_all(loader *l, catalogue *c)
{
    struct dirent **entries;
    int count = scandir(c->folder, &entries, is_incident, alphasort);
    if (count < 0)
        return error_errno(l->e, c->folder, "cannot read the folder of incidents");
    bool fine = count <= INCIDENTS_MOST ||
                error_set(l->e, ERROR_LIMIT, c->folder, "more than %d incidents", INCIDENTS_MOST);
    c->incidents = arena_take(l->memory, ((size_t)count + 1) * sizeof *c->incidents);
    for (int i = 0; i < count; i++) {
        fine = fine && read_incident(l, c->folder, entries[i]->d_name, &c->incidents[c->count++]);
        free(entries[i]);
    }
    free(entries);
    if (!fine)
        return false;
    qsort(c->incidents, c->count, sizeof *c->incidents, by_number);
    return unique_numbers(c, l->e);
}

static const char *find_folder(void)
{
    static const char *const folders[] = {"scenarios/incidents",
                                          ORDEAL_SOURCE_FOLDER "/scenarios/incidents",
                                          ORDEAL_DATA_FOLDER "/scenarios/incidents"};
    struct stat found;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (stat(folders[i], &found) == 0 && S_ISDIR(found.st_mode))
            return folders[i];
    return NULL;
}

catalogue *catalogue_open(error *e)
{
    const char *folder = find_folder();
    if (folder == NULL) {
        error_set(e, ERROR_USAGE, "incidents",
                  "there is no scenarios/incidents here, nor where ordeal was built or installed");
        return NULL;
    }
    arena *memory = arena_create("incidents", CATALOGUE_MOST);
    catalogue *c = arena_take(memory, sizeof *c);
    loader l = {.memory = memory, .e = e, .folder = folder};
    *c = (catalogue){.memory = memory, .folder = folder};
    if (read_all(&l, c))
        return c;
    arena_destroy(memory);
    return NULL;
}

void catalogue_close(catalogue *c)
{
    if (c != NULL)
        arena_destroy(c->memory);
}

const incident *catalogue_find(const catalogue *c, const char *id, error *e)
{
    const char *names[INCIDENTS_MOST];
    for (size_t i = 0; i < c->count; i++) {
        names[i] = c->incidents[i].id;
        if (strcmp(names[i], id) == 0)
            return &c->incidents[i];
    }
    const char *near = suggest_nearest(id, names, c->count);
    error_set(e, ERROR_USAGE, id, "there is no such incident; see 'ordeal list incidents'%s%s",
              near != NULL ? "; nearest is " : "", near != NULL ? near : "");
    return NULL;
}

bool incident_patch_sound(const incident *i, error *e)
{
    buffer text = {0};
    if (!files_read(i->patch, PATCH_MOST, &text, e)) {
        e->kind = ERROR_USAGE;
        buffer_free(&text);
        return false;
    }
    const char *patch = buffer_text(&text);
    char first_line[1100];
    snprintf(first_line, sizeof first_line, "%s:1", i->patch);
    bool changes = strstr(patch, "\n+++ b/reference/") != NULL ||
                   strstr(patch, "\n+++ b/harness/base/") != NULL;
    bool template = strncmp(patch, TEMPLATE_BEGINS, strlen(TEMPLATE_BEGINS)) == 0;
    if (!changes && template)
        error_set(e, ERROR_USAGE, first_line,
                  "is still the template: put the defect into reference/, then git diff "
                  "reference/ >%s and git checkout reference/",
                  i->patch);
    else if (!changes)
        error_set(e, ERROR_USAGE, first_line,
                  "changes no source of the server: a unified diff with paths such as "
                  "a/reference/files.c and b/reference/files.c is wanted, as git diff reference/ "
                  "makes it");
    buffer_free(&text);
    return changes;
}
