/* A second reading of the table of routes: what openapi.yaml, which the server serves, says of an
 * address. It is parsed at the first call and kept. */
#ifndef FUZZ_READINGS_ROUTES_H
#define FUZZ_READINGS_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char method[8];
    char template[64];
    char operation[32]; /* as openapi.yaml has it: "uploadHead" */
    char pattern[64];   /* the template with '*' in the place of braces */
    size_t before;      /* characters before them */
    size_t behind;
    bool braces;
} documented_route;

#define DOCUMENTED_MOST 64

size_t reading_routes(const documented_route **out);
bool reading_fits(const documented_route *way, const char *path);
/* "uploadHead" is what "upload-head" is to the table. */
bool reading_same_operation(const documented_route *way, const char *operation);

#endif
