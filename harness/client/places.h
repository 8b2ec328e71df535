/* Where a target keeps what the clients know by name: for protocols in which the server chooses the
 * addresses. One address a name, the last one given, shared by all clients of a run. From any
 * thread. */
#ifndef ORDEAL_CLIENT_PLACES_H
#define ORDEAL_CLIENT_PLACES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct places places;

/* Takes memory only as names are given addresses: both texts, once a name. */
places *places_create(void);
void places_destroy(places *p);
void places_set(places *p, const char *name, const char *address);
/* False: the name has none yet. An address that does not fit is cut, which CHECK forbids. */
bool places_find(places *p, const char *name, char *address, size_t size);

#endif
