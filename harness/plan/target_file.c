#include "plan/target_file.h"

#include <curl/curl.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/suggest.h"
#include "base/timing.h"
#include "plan/scenario_parts.h"

#ifndef ORDEAL_DATA_FOLDER
#error "the build says where scenarios are installed"
#endif

#define NAMES_MOST 200 /* of scenarios looked at for a suggestion */

/* The folder of the running program, "" when the system does not tell. */
static void program_folder(char out[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}

static const char *try_path(loader *l, const char *a, const char *b, const char *c, const char *d)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s%s%s%s", a, b, c, d);
    if (length < 0 || (size_t)length >= sizeof path || access(path, R_OK) != 0)
        return NULL;
    return arena_text(l->memory, path, (size_t)length);
}

static const char *try_named(loader *l, const char *folder, const char *subfolder, const char *name)
{
    char start[PATH_MAX];
    int length = snprintf(start, sizeof start, "%s/%s", folder, subfolder);
    return length > 0 && (size_t)length < sizeof start ? try_path(l, start, name, ".yaml", "")
                                                       : NULL;
}

static const char *const scenario_folders[] = {"scenarios", ORDEAL_SOURCE_FOLDER "/scenarios",
                                               ORDEAL_DATA_FOLDER "/scenarios"};
#define FOLDERS (sizeof scenario_folders / sizeof scenario_folders[0])

const char *scenario_find(loader *l, const char *name, const char *subfolder)
{
    const char *found = NULL;
    if (strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL || strstr(name, ".yml") != NULL)
        found = try_path(l, name, "", "", "");
    if (found == NULL)
        found = try_path(l, l->folder, "/", name, "");
    if (found == NULL)
        found = try_named(l, l->folder, subfolder, name);
    for (size_t i = 0; found == NULL && i < FOLDERS; i++)
        found = try_named(l, scenario_folders[i], subfolder, name);
    return found;
}

static size_t read_names(loader *l, const char *folder, const char **names, size_t count)
{
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (count == NAMES_MOST || length <= 5 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        names[count] = arena_text(l->memory, entry->d_name, length - 5);
        count += names[count] != NULL;
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

const char *scenario_nearest(loader *l, const char *name)
{
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < FOLDERS; i++)
        count = read_names(l, scenario_folders[i], names, count);
    return suggest_nearest(name, names, count);
}

node *target_file_read(loader *l, const char *name, const node *where)
{
    const char *path = scenario_find(l, name, "targets/");
    if (path == NULL) {
        node_error(where, l->e,
                   "no target '%.100s': no such file, nor %.100s.yaml in the targets folder beside "
                   "the scenario, in "
                   "scenarios/targets or in " ORDEAL_DATA_FOLDER "/scenarios/targets",
                   name, name);
        return NULL;
    }
    return document_read(path, l->memory, l->e);
}

/* The text with `mark` replaced once; NULL: it becomes too long. */
static const char *place(loader *l, const char *text, const char *mark, const char *value,
                         size_t length)
{
    char out[PATH_MAX];
    const char *at = strstr(text, mark);
    if (at == NULL)
        return text;
    int whole = snprintf(out, sizeof out, "%.*s%.*s%s", (int)(at - text), text, (int)length, value,
                         at + strlen(mark));
    return whole > 0 && (size_t)whole < sizeof out ? arena_text(l->memory, out, (size_t)whole)
                                                   : NULL;
}

static bool place_here(loader *l, node *n, const char *folder)
{
    bool fine = true;
    for (node *child = n->first; fine && child != NULL; child = child->next)
        fine = place_here(l, child, folder);
    if (!fine || n->kind != NODE_SCALAR)
        return fine;
    const char *text = place(l, n->text, "{here}", folder, strlen(folder));
    if (text == NULL)
        return node_error(n, l->e, "'%.60s' becomes too long", n->text);
    n->text = text;
    return true;
}

bool target_file_place(loader *l, node *target)
{
    char folder[PATH_MAX];
    char whole[PATH_MAX];
    const char *slash = strrchr(target->file, '/');
    int length = slash != NULL ? (int)(slash - target->file) : 1;
    snprintf(folder, sizeof folder, "%.*s", length, slash != NULL ? target->file : ".");
    return place_here(l, target, realpath(folder, whole) != NULL ? whole : folder);
}

/* --- fields --- */

static bool read_name(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((target_description *)target)->name);
}

static bool read_driver(loader *l, const node *n, void *target)
{
    target_description *t = target;
    const char *name;
    if (!fields_text(l, n, &name))
        return false;
    t->driver = driver_named(name);
    const char *names[64];
    for (size_t i = 0; i < driver_count; i++)
        names[i] = drivers[i]->name;
    return t->driver != NULL || fields_unknown(n, l->e, "driver", name, names, driver_count);
}

static bool read_command(loader *l, const node *n, void *target)
{
    target_description *t = target;
    if (!fields_texts(l, n, &t->command))
        return false;
    return (t->command[0] != NULL && t->command[0][0] != '\0') ||
           node_error(n, l->e, "command is empty; it is a program and its arguments");
}

static bool read_environment(loader *l, const node *n, void *target)
{
    if (!fields_texts(l, n, &((target_description *)target)->environment))
        return false;
    for (const node *item = n->first; item != NULL; item = item->next)
        if (item->text[0] == '=' || strchr(item->text, '=') == NULL)
            return node_error(item, l->e, "environment: '%.60s' is not NAME=value", item->text);
    return true;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text[0] != '\0';
    curl_free(text);
    return has;
}

/* A port, which may not be known yet, a name to connect to, and nothing behind the path, as names
 * are put there. */
static bool is_base_url(const char *given)
{
    static const char mark[] = "{port}";
    char text[256];
    const char *at = strstr(given, mark);
    int before = at != NULL ? (int)(at - given) : (int)strlen(given);
    int length = snprintf(text, sizeof text, "%.*s%s%s", before, given, at != NULL ? "1" : "",
                          at != NULL ? at + strlen(mark) : "");
    CURLU *url = curl_url();
    CHECK(url != NULL && length > 0 && (size_t)length < sizeof text);
    bool fine = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                has_part(url, CURLUPART_HOST) && !has_part(url, CURLUPART_QUERY) &&
                !has_part(url, CURLUPART_FRAGMENT) && !has_part(url, CURLUPART_USER);
    curl_url_cleanup(url);
    return fine;
}

static bool read_url(loader *l, const node *n, void *target)
{
    target_description *t = target;
    if (!fields_text(l, n, &t->url))
        return false;
    if (strncmp(t->url, "http://", 7) != 0 && strncmp(t->url, "https://", 8) != 0)
        return node_error(n, l->e, "url must begin with http:// or https://");
    if (strlen(t->url) > 255)
        return node_error(n, l->e, "url is longer than 255 characters");
    return is_base_url(t->url) ||
           node_error(n, l->e,
                      "url: '%.100s' is not an address such as http://127.0.0.1:8080 or "
                      "http://127.0.0.1:{port}, with a path behind it or not",
                      t->url);
}

static bool read_ready(loader *l, const node *n, void *target)
{
    target_description *t = target;
    t->ready_by_any_answer = false;
    return fields_text(l, n, &t->ready_path) &&
           ((t->ready_path[0] == '/' && strlen(t->ready_path) < 128) ||
            node_error(n, l->e, "ready must be a path such as /readyz, under 128 characters"));
}

static bool read_root(loader *l, const node *n, void *target)
{
    target_description *t = target;
    return fields_text(l, n, &t->root) &&
           ((t->root[0] == '/' && strlen(t->root) < 128 && t->root[strlen(t->root) - 1] != '/') ||
            node_error(n, l->e,
                       "root must be a path such as /bucket, without a slash at its end, under 128 "
                       "characters"));
}

static bool read_needs(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((target_description *)target)->needs);
}

static bool read_install(loader *l, const node *n, void *target)
{
    target_description *t = target;
    return fields_texts(l, n, &t->install) &&
           (t->install[0] != NULL || node_error(n, l->e, "install is empty"));
}

const char *const target_auth_words[] = {"none", "basic", "bearer", "sigv4", NULL};

static bool read_auth(loader *l, const node *n, void *target)
{
    size_t kind;
    if (!fields_word(l, n, target_auth_words, &kind))
        return false;
    ((target_description *)target)->auth.kind = (auth_kind)kind;
    return true;
}

static bool read_user(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((target_description *)target)->auth.user);
}

/* "$NAME" is taken from the environment, so that no secret need stand in a file. */
static bool read_secret(loader *l, const node *n, void *target)
{
    target_description *t = target;
    if (!fields_text(l, n, &t->secret_given))
        return false;
    const char *found = t->secret_given;
    if (found[0] == '$')
        found = getenv(found + 1);
    if (found == NULL)
        return node_error(n, l->e, "the environment has no %.100s", t->secret_given + 1);
    t->auth.secret = arena_text(l->memory, found, strlen(found));
    return t->auth.secret != NULL || node_error(n, l->e, "the secret is too long");
}

static bool read_region(loader *l, const node *n, void *target)
{
    const char *region;
    char signs[160];
    if (!fields_text(l, n, &region))
        return false;
    int length = snprintf(signs, sizeof signs, "aws:amz:%.100s:s3", region);
    ((target_description *)target)->auth.signs = arena_text(l->memory, signs, (size_t)length);
    return true;
}

static bool read_port_line(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((target_description *)target)->port_line);
}

static bool read_ready_within(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((target_description *)target)->ready_within);
}

static bool read_stop_within(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((target_description *)target)->stop_within);
}

static bool read_capabilities(loader *l, const node *n, void *target)
{
    target_description *t = target;
    const char **names;
    const char *known[32];
    size_t count = 0;
    for (; capability_rows[count].name != NULL; count++)
        known[count] = capability_rows[count].name;
    if (!fields_texts(l, n, &names))
        return false;
    t->capabilities = 0;
    const node *item = n->first;
    for (size_t i = 0; names[i] != NULL; i++, item = item->next) {
        size_t c = 0;
        while (c < count && strcmp(known[c], names[i]) != 0)
            c++;
        if (c == count)
            return fields_unknown(item, l->e, "capability", names[i], known, count);
        t->capabilities |= capability_rows[c].bit;
    }
    return true;
}

static bool read_memory_limit(loader *l, const node *n, void *target)
{
    static const parameter row = {"memory_limit", PARAMETER_SIZE, NULL, "", NULL};
    parameter_value value = {0};
    if (!fields_parameter(l, n, &row, &value))
        return false;
    ((target_description *)target)->memory_limit = value.number;
    return true;
}

static bool read_pid(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 1, INT_MAX, &((target_description *)target)->pid);
}

static const field target_rows[] = {
    {"name", read_name, "text", "for reports"},
    {"driver", read_driver, "driver", "the protocol"},
    {"command", read_command, "texts",
     "starts it; {port}, {data}, {here} (this file's folder) and {cache} are replaced"},
    {"environment", read_environment, "texts", "NAME=value"},
    {"url", read_url, "url", "where it is; {port} is replaced"},
    {"root", read_root, "path", "below url: the bucket, repository or folder of all names (none)"},
    {"needs", read_needs, "text",
     "its program, or a file; {here} and {cache} (~/.cache/ordeal) are replaced"},
    {"install", read_install, "texts", "brings what it needs: what ordeal qualify runs first"},
    {"auth", read_auth, "auth", "how requests say who asks (none)"},
    {"user", read_user, "text", "basic: the name; sigv4: the access key"},
    {"secret", read_secret, "text", "password, token or secret key; $NAME: from the environment"},
    {"region", read_region, "text", "sigv4 (us-east-1)"},
    {"port_line", read_port_line, "text", "what it prints before the port that it chose itself"},
    {"ready", read_ready, "path",
     "polled until it answers 2xx (/, until it answers anything below 500)"},
    {"ready_within", read_ready_within, "duration", "(10s)"},
    {"stop_within", read_stop_within, "duration", "after SIGTERM (10s)"},
    {"capabilities", read_capabilities, "capabilities", "(all that the driver can)"},
    {"pid", read_pid, "whole", "of a server that runs already on this machine, to be sampled"},
    {"memory_limit", read_memory_limit, "size", "for the invariant bounded-memory"},
};
const field_table target_table = {target_rows, sizeof target_rows / sizeof target_rows[0]};

/* A bare program name means the one beside ordeal, as built or installed together; else the PATH
 * decides. */
static void prefer_own_program(loader *l, target_description *t)
{
    char folder[PATH_MAX];
    if (t->command == NULL || strchr(t->command[0], '/') != NULL)
        return;
    program_folder(folder);
    const char *own = try_path(l, folder, "/", t->command[0], "");
    if (own != NULL)
        t->command[0] = own;
}

/* Where what install brings may stay from one time to the next. */
static bool cache_folder(char out[PATH_MAX])
{
    const char *given = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    bool own = given != NULL && given[0] == '/';
    int length = snprintf(out, PATH_MAX, "%s%s/ordeal",
                          own            ? given
                          : home != NULL ? home
                                         : "",
                          own ? "" : "/.cache");
    return length > 0 && length < PATH_MAX;
}

static bool place_cache(loader *l, const node *root, const char **text)
{
    char cache[PATH_MAX];
    const char *out = *text;
    if (cache_folder(cache))
        out = place(l, out, "{cache}", cache, strlen(cache));
    if (out == NULL)
        return node_error(root, l->e, "'%.60s' becomes too long", *text);
    *text = out;
    return true;
}

static bool place_all(loader *l, const node *root, target_description *t)
{
    const char **lists[] = {t->command, t->install};
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++)
        for (size_t i = 0; lists[k] != NULL && lists[k][i] != NULL; i++)
            if (!place_cache(l, root, &lists[k][i]))
                return false;
    return t->needs == NULL || place_cache(l, root, &t->needs);
}

static const char *joined(loader *l, const char *a, const char *b)
{
    char text[512];
    int length = snprintf(text, sizeof text, "%s%s", a, b);
    return arena_text(l->memory, text, (size_t)length);
}

static bool check_auth(loader *l, const node *root, const target_description *t)
{
    const auth *a = &t->auth;
    if (a->kind != AUTH_NONE && a->secret == NULL)
        return node_error(root, l->e, "'auth' needs 'secret'");
    if ((a->kind == AUTH_BASIC || a->kind == AUTH_SIGV4) && a->user == NULL)
        return node_error(root, l->e, "this kind of 'auth' needs 'user'");
    if (a->kind == AUTH_NONE && (a->secret != NULL || a->user != NULL))
        return node_error(root, l->e, "'user' and 'secret' need 'auth': basic, bearer or sigv4");
    return true;
}

bool target_file_parse(loader *l, const node *root, target_description *out)
{
    *out = (target_description){
        .file = root->file,
        .name = "target",
        .ready_path = "/",
        .ready_by_any_answer = true,
        .root = "",
        .auth.signs = "aws:amz:us-east-1:s3",
        .ready_within = 10 * NANOSECONDS_PER_SECOND,
        .stop_within = 10 * NANOSECONDS_PER_SECOND,
        .capabilities = UINT32_MAX,
    };
    if (!fields_read(l, root, "a target", &target_table, NULL, out))
        return false;
    if (out->driver == NULL)
        return node_error(root, l->e, "a target needs 'driver'");
    if (out->url == NULL)
        return node_error(root, l->e, "a target needs 'url', such as http://127.0.0.1:{port}");
    if (out->command == NULL && strstr(out->url, "{port}") != NULL)
        return node_error(root, l->e,
                          "without 'command' the url must have a port number instead of {port}");
    if (out->command != NULL && out->pid != 0)
        return node_error(root, l->e,
                          "'pid' is for a server that runs already; this one is "
                          "started by 'command'");
    out->capabilities &= out->driver->capabilities;
    prefer_own_program(l, out);
    out->ready_url = joined(l, out->url, out->ready_path);
    out->url = joined(l, out->url, out->root);
    return check_auth(l, root, out) && place_all(l, root, out);
}
