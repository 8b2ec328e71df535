#include "readings/routes.h"

#include <ctype.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "openapi.h"

static documented_route routes[DOCUMENTED_MOST];
static size_t count;

static void add(const char *template, const char *method, const char *operation)
{
    CHECK(count < DOCUMENTED_MOST);
    documented_route *way = &routes[count++];
    const char *end = strchr(template, '}');
    way->braces = end != NULL;
    way->before = strcspn(template, "{");
    way->behind = end != NULL ? strlen(end + 1) : 0;
    CHECK(strlen(template) < sizeof way->template && strlen(operation) < sizeof way->operation &&
          strlen(method) < sizeof way->method);
    snprintf(way->template, sizeof way->template, "%s", template);
    snprintf(way->operation, sizeof way->operation, "%s", operation);
    for (size_t i = 0; method[i] != '\0'; i++)
        way->method[i] = (char)toupper((unsigned char)method[i]);
    snprintf(way->pattern, sizeof way->pattern, "%.*s%s%s", (int)way->before, template,
             way->braces ? "*" : "", way->braces ? end + 1 : "");
}

static void read_document(void)
{
    json_t *document = json_loadb(openapi_json, openapi_json_size, JSON_REJECT_DUPLICATES, NULL);
    const char *template;
    const char *method;
    json_t *of_path;
    json_t *way;
    json_object_foreach(json_object_get(document, "paths"), template, of_path)
    {
        json_object_foreach(of_path, method, way)
        {
            const char *operation = json_string_value(json_object_get(way, "operationId"));
            if (operation != NULL) /* or what all methods of the path have in common */
                add(template, method, operation);
        }
    }
    json_decref(document);
    CHECK(count > 0);
}

size_t reading_routes(const documented_route **out)
{
    if (count == 0)
        read_document();
    *out = routes;
    return count;
}

bool reading_fits(const documented_route *way, const char *path)
{
    return fnmatch(way->pattern, path, FNM_NOESCAPE) == 0;
}

bool reading_same_operation(const documented_route *way, const char *operation)
{
    const char *at = way->operation;
    for (; *operation != '\0'; operation++) {
        bool hump = *operation == '-';
        operation += hump;
        if (*at++ != (hump ? toupper((unsigned char)*operation) : *operation))
            return false;
    }
    return *at == '\0';
}
