/* Names as they stand in addresses, and the table of routes.
 *
 * Oracles: an accepted name is one by the check for names too, has no segment that leaves its
 * directory, and is the same again after it is escaped and decoded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "paths.h"
#include "routes.h"

#define NAME_SIZE 1025

static void escape(const char *name, char *out)
{
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at++)
        out += sprintf(out, *at == '/' ? "%c" : "%%%02X", *at);
    *out = '\0';
}

static bool leaves(const char *name)
{
    char framed[NAME_SIZE + 2];
    snprintf(framed, sizeof framed, "/%s/", name);
    return strstr(framed, "/../") != NULL || strstr(framed, "/./") != NULL ||
           strstr(framed, "//") != NULL;
}

static void look_up(const char *path)
{
    static const char *const methods[] = {"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "BREW"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        route_tail tail = {0};
        bool known;
        const route *way = routes_find(methods[i], path, &tail, &known);
        if (way == NULL)
            continue;
        ORACLE(known && strcmp(way->method, methods[i]) == 0);
        ORACLE(tail.length == 0 ||
               (tail.at >= path && tail.at + tail.length <= path + strlen(path)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    char *raw = fuzz_text(&in, 8192);
    char name[NAME_SIZE];
    char again[NAME_SIZE];
    char escaped[3 * NAME_SIZE];
    look_up(raw);
    if (path_decode(raw, name, sizeof name) == NULL) {
        ORACLE(strlen(name) < sizeof name && name[0] != '\0');
        ORACLE(path_check(name, sizeof name) == NULL);
        ORACLE(!leaves(name));
        escape(name, escaped);
        ORACLE(path_decode(escaped, again, sizeof again) == NULL);
        ORACLE(strcmp(name, again) == 0);
    }
    free(raw);
    return 0;
}
