/* Operations on files: each call makes one operation, records it, and returns what came of it. */
#ifndef ORDEAL_CLIENT_FILES_H
#define ORDEAL_CLIENT_FILES_H

#include "client/client.h"
#include "client/seen.h"

seen client_put(client *c, size_t key_index, uint64_t size);
/* `expected` NULL: only when the name is free; else only over what was seen. */
seen client_put_if(client *c, size_t key_index, uint64_t size, const seen *expected);
seen client_get(client *c, size_t key_index);
/* A name that is not of the run's own choice. */
seen client_get_named(client *c, const char *name);
/* With other manners than EXCHANGE_POLITE's: slowly, or not to the end. */
seen client_put_rudely(client *c, size_t key_index, uint64_t size, const exchange_manners *manners);
seen client_get_rudely(client *c, size_t key_index, const exchange_manners *manners);
seen client_get_range(client *c, size_t key_index, uint64_t offset, uint64_t length);
seen client_head(client *c, size_t key_index);
seen client_delete(client *c, size_t key_index);

#endif
