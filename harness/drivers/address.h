/* The addresses that drivers send requests to. */
#ifndef ORDEAL_DRIVERS_ADDRESS_H
#define ORDEAL_DRIVERS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/operation.h"

#define ADDRESS_SIZE 1400

/* The target's base address, `place` as it stands, and `name` percent-encoded but for the slashes
 * between its segments. */
void address_make(const operation *o, const char *place, const char *name, char url[ADDRESS_SIZE]);
/* Adds `text` to an address, all but the unreserved characters encoded: a value of a query. */
void address_add_value(char url[ADDRESS_SIZE], const char *text);

/* `reference` (an address, or a path, whole or relative) as seen from `url`, which may be `out`.
 * False: it is none, or too long. */
bool address_resolve(const char *url, const char *reference, char *out, size_t size);

#endif
