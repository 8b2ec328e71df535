/* The one table of routes. */
#ifndef REFERENCE_ROUTES_H
#define REFERENCE_ROUTES_H

#include "request.h"

/* The `length` characters at `at` of a raw path that stand in a template's braces. */
typedef struct {
    const char *at;
    size_t length;
} route_tail;

/* The route of a method and a raw path. Without one, NULL and `known` tells whether the path exists
 * with another method. */
const route *routes_find(const char *method, const char *path, route_tail *tail, bool *known);
/* The methods of a raw path, as the Allow field has them. */
void routes_allowed(const char *path, char *out, size_t size);
size_t routes_count(void);
const route *routes_at(size_t index);
size_t routes_index(const route *way);
/* Stands for a request that has no route, in logs and metrics. */
extern const route route_none;

#endif
