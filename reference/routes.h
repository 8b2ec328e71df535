/* The one table of routes. */
#ifndef REFERENCE_ROUTES_H
#define REFERENCE_ROUTES_H

#include "request.h"

/* The route of a method and a raw path; `tail` points at what stands in the template's brace.
 * Without one, NULL and `known` tells whether the path exists with another method. */
const route *routes_find(const char *method, const char *path, const char **tail, bool *known);
size_t routes_count(void);
const route *routes_at(size_t index);
size_t routes_index(const route *way);
/* Stands for a request that has no route, in logs and metrics. */
extern const route route_none;

#endif
