/* Names as they stand in addresses, and the table of routes.
 *
 * Oracles: a name is accepted exactly when a second reading (readings/names.h) finds nothing wrong
 * with it, is what that reads, and a refusal names a fault that there is; an accepted name is the
 * same again after it is escaped and decoded. An address has the route, the tail and the methods
 * that openapi.yaml gives it, and no other (readings/routes.h).
 *
 * Allowed differences: of several faults any may be named; methods are allowed in any order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "paths.h"
#include "readings/names.h"
#include "readings/routes.h"
#include "routes.h"
#include "store.h"

#define NAME_SIZE (PATH_LONGEST + 1)

/* Is the sentence NULL exactly when there is no fault, and else about one of them? */
static bool tells(const char *wrong, unsigned faults)
{
    static const struct {
        unsigned fault;
        const char *words;
    } sentences[] = {
        {NAME_TOO_LONG, "too long"}, {NAME_BAD_ESCAPE, "'%'"},      {NAME_CONTROL, "control"},
        {NAME_NOT_UTF8, "UTF-8"},    {NAME_BAD_SEGMENT, "segment"},
    };
    if (wrong == NULL)
        return faults == 0;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strstr(wrong, sentences[i].words) != NULL)
            return (faults & sentences[i].fault) != 0;
    return false;
}

static void unscope(const char *name)
{
    char stored[STORED_PATH_SIZE];
    snprintf(stored, sizeof stored, "owner%c%s", SCOPE_END, name);
    ORACLE(path_unscoped(name) == name);
    ORACLE(strcmp(path_unscoped(stored), name) == 0);
}

static void escape_again(const char *name)
{
    char again[NAME_SIZE];
    char escaped[3 * NAME_SIZE + 4] = "";
    percent_append(escaped, sizeof escaped, name, "/-._~");
    ORACLE(path_decode(escaped, again, sizeof again) == NULL && strcmp(name, again) == 0);
}

/* A buffer of exactly `size` bytes, so that the sanitizer sees the first byte too many. */
static void decode(const char *raw, size_t size)
{
    unsigned faults;
    char *name = memory_take(size);
    char *wanted = reading_unescape(raw, size, &faults);
    ORACLE(path_unescape(raw, name, size) == (faults == 0));
    if (faults == 0) {
        ORACLE(strcmp(name, wanted) == 0);
        faults = reading_name(wanted, size);
        ORACLE(tells(path_check(wanted, size), faults));
    }
    ORACLE(tells(path_decode(raw, name, size), faults));
    if (faults == 0 && size == NAME_SIZE) {
        ORACLE(strcmp(name, wanted) == 0);
        unscope(name);
        escape_again(name);
    }
    free(wanted);
    free(name);
}

static void names(const char *raw)
{
    unsigned faults;
    char *wanted = reading_unescape(raw, NAME_SIZE, &faults);
    size_t length = strlen(wanted);
    decode(raw, NAME_SIZE);
    if (faults == 0) {
        decode(raw, length + 1);
        if (length > 0)
            decode(raw, length);
    }
    free(wanted);
    ORACLE(tells(path_check(raw, NAME_SIZE), reading_name(raw, NAME_SIZE)));
    size_t left = strlen(raw);
    const unsigned char *at = (const unsigned char *)raw;
    for (size_t taken = 1; left > 0 && taken > 0; at += taken, left -= taken) {
        taken = utf8_length(at, left);
        ORACLE((taken == 1) == (at[0] < 0x80));
    }
    ORACLE((left == 0) == reading_is_utf8(raw));
}

static void own_tail(const documented_route *way, const char *path, const route_tail *tail)
{
    if (way->braces)
        ORACLE(tail->at == path + way->before &&
               tail->length == strlen(path) - way->before - way->behind);
    else
        ORACLE(tail->length == 0);
}

/* The methods are `wanted` of them, each once, as a field has them. */
static void allowed(const char *path, const documented_route *const *wanted, size_t count)
{
    char all[128];
    char some[8] = "";
    routes_allowed(path, all, sizeof all);
    if (count > 0)
        routes_allowed(path, some, sizeof some);
    ORACLE(strlen(some) < sizeof some && strncmp(all, some, strlen(some)) == 0);
    ORACLE(strlen(some) == sizeof some - 1 || strcmp(all, some) == 0);
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        char framed[160];
        char method[16];
        snprintf(framed, sizeof framed, ", %s, ", all);
        snprintf(method, sizeof method, ", %s, ", wanted[i]->method);
        ORACLE(strstr(framed, method) != NULL);
        length += strlen(wanted[i]->method) + (i > 0 ? 2 : 0);
    }
    ORACLE(strlen(all) == length);
}

static void find(const char *method, const char *path, const documented_route *const *fitting,
                 size_t fit)
{
    route_tail tail = {0};
    bool known;
    const route *way = routes_find(method, path, &tail, &known);
    const documented_route *wanted = NULL;
    for (size_t i = 0; i < fit; i++)
        if (strcmp(fitting[i]->method, method) == 0)
            wanted = fitting[i];
    ORACLE(known == (fit > 0) && (way != NULL) == (wanted != NULL));
    if (way == NULL)
        return;
    ORACLE(reading_same_operation(wanted, way->operation) && strcmp(way->method, method) == 0);
    ORACLE(routes_at(routes_index(way)) == way);
    own_tail(wanted, path, &tail);
}

static void look_up(const char *path)
{
    static const char *const methods[] = {"GET",    "PUT",  "POST",    "PATCH",
                                          "DELETE", "HEAD", "OPTIONS", "BREW"};
    const size_t several = sizeof methods / sizeof methods[0];
    const documented_route *documented;
    const documented_route *fitting[DOCUMENTED_MOST];
    size_t fit = 0;
    size_t count = reading_routes(&documented);
    for (size_t i = 0; i < count; i++)
        if (reading_fits(&documented[i], path))
            fitting[fit++] = &documented[i];
    /* Most addresses fit nothing; one method is enough for these. */
    for (size_t i = fit > 0 ? 0 : strlen(path) % several; i<several; i += fit> 0 ? 1 : several)
        find(methods[i], path, fitting, fit);
    allowed(path, fitting, fit);
}

/* One template with this text in its braces finds its own route. */
static void fill(const char *raw)
{
    const documented_route *documented;
    size_t count = reading_routes(&documented);
    const documented_route *way = &documented[strlen(raw) % count];
    char *path;
    ORACLE(asprintf(&path, "%.*s%s%s", (int)way->before, way->template, way->braces ? raw : "",
                    way->braces ? strchr(way->template, '}') + 1 : "") > 0);
    route_tail tail = {0};
    bool known;
    const route *found = routes_find(way->method, path, &tail, &known);
    ORACLE(found != NULL && known && reading_same_operation(way, found->operation));
    own_tail(way, path, &tail);
    free(path);
    ORACLE(routes_count() == count + 1 && routes_at(count) == &route_none &&
           routes_index(&route_none) == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    char *raw = fuzz_text(&in, 8192);
    look_up(raw);
    fill(raw);
    names(raw);
    free(raw);
    return 0;
}
