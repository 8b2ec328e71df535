/* ordeal incident new ID: a folder for a new incident, from the template; ordeal incident check:
 * is the catalogue sound? */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "commands/command.h"
#include "incidents/catalogue.h"
#include "plan/scenario.h"

#define TEMPLATE_MOST ((size_t)64 << 10)
#define PATH_SIZE     1024

static void fill_in(const char *text, const char *id, unsigned number, buffer *out)
{
    while (*text != '\0') {
        if (strncmp(text, "@ID@", 4) == 0) {
            buffer_text_append(out, id);
            text += 4;
        } else if (strncmp(text, "@NUMBER@", 8) == 0) {
            buffer_printf(out, "%u", number);
            text += 8;
        } else {
            buffer_append(out, text++, 1);
        }
    }
}

static bool copy_filled(const catalogue *c, const char *folder, const char *name, const char *id,
                        unsigned number, error *e)
{
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    buffer text = {0};
    buffer filled = {0};
    char template[64];
    snprintf(template, sizeof template, "TEMPLATE/%s", name);
    bool fine = files_join(from, sizeof from, c->folder, template, e) &&
                files_join(to, sizeof to, folder, name, e) &&
                files_read(from, TEMPLATE_MOST, &text, e);
    if (fine) {
        fill_in(buffer_text(&text), id, number, &filled);
        fine = files_replace(to, buffer_text(&filled), filled.length, e);
    }
    buffer_free(&text);
    buffer_free(&filled);
    return fine;
}

static bool good_id(const char *id)
{
    size_t length = strlen(id);
    return length > 0 && length <= 64 && id[0] >= 'a' && id[0] <= 'z' &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool make_new(const catalogue *c, const char *id, error *e)
{
    static const char *const names[] = {"story.md", "scenario.yaml", "defect.patch"};
    char folder[PATH_SIZE];
    unsigned number = 1;
    for (size_t i = 0; i < c->count; i++)
        number = c->incidents[i].number >= number ? (unsigned)c->incidents[i].number + 1 : number;
    if (!good_id(id))
        return error_set(e, ERROR_USAGE, id,
                         "an incident is named by up to 64 small letters, digits and '-'");
    if (!files_join(folder, sizeof folder, c->folder, id, e))
        return false;
    if (mkdir(folder, 0755) != 0) {
        if (errno == EEXIST)
            return error_set(e, ERROR_USAGE, folder, "is there already: choose another name");
        error_errno(e, folder, "cannot be made");
        e->kind = ERROR_USAGE;
        return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!copy_filled(c, folder, names[i], id, number, e)) {
            error ignored = {0};
            files_remove_tree(folder, &ignored);
            return false;
        }
    printf("%s is made. Now\n"
           "  tell the story, and name the invariant that would have caught it, in %s/story.md\n"
           "  write its load and faults into %s/scenario.yaml\n"
           "  put the defect into reference/, then: git diff reference/ >%s/defect.patch && git "
           "checkout reference/\n"
           "  see whether it is whole: ordeal incident check; and whether it is caught: ordeal "
           "reproduce %s\n",
           folder, folder, folder, folder, id);
    return true;
}

/* The scenario must ask for the invariant that the story names, or nobody would. */
static bool sound(const incident *i, error *e)
{
    scenario_request request = {.file = i->scenario};
    scenario *s = scenario_load(&request, e);
    bool asked = false;
    if (s == NULL)
        return false;
    for (size_t k = 0; k < s->invariant_count; k++)
        asked = asked || s->invariants[k].judge == i->invariant;
    bool named = strcmp(s->name, i->id) == 0;
    scenario_free(s);
    if (!named)
        return error_set(e, ERROR_USAGE, i->scenario, "its name must be '%s'", i->id);
    if (!asked)
        return error_set(e, ERROR_USAGE, i->scenario, "does not ask for %s, which its story names",
                         i->invariant->name);
    return incident_patch_sound(i, e);
}

static bool check_all(const catalogue *c, error *e)
{
    for (size_t i = 0; i < c->count; i++)
        if (!sound(&c->incidents[i], e))
            return false;
    printf("%zu incidents, each with a story, a scenario that asks for its invariant, and a "
           "patch\n",
           c->count);
    return true;
}

static int incident_command(int argc, char **argv, error *e)
{
    bool creates = argc == 3 && strcmp(argv[1], "new") == 0;
    bool checks = argc == 2 && strcmp(argv[1], "check") == 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        puts("usage: ordeal incident new ID\n       ordeal incident check\n\nnew makes the folder "
             "scenarios/incidents/ID with story.md, scenario.yaml and defect.patch from the "
             "template.\ncheck looks whether every incident is whole: scenarios load and ask for "
             "the invariant that the story names, and\nthe patch changes a source of the server.");
        return 0;
    }
    if (!creates && !checks) {
        error_set(e, ERROR_USAGE, "ordeal incident", "say 'new ID' or 'check'");
        return command_failed(e);
    }
    catalogue *c = catalogue_open(e);
    bool fine = c != NULL && (creates ? make_new(c, argv[2], e) : check_all(c, e));
    catalogue_close(c);
    return fine ? 0 : command_failed(e);
}

const command command_incident = {"incident", "new ID", "makes the folder of a new incident",
                                  incident_command};
