/* Moving files in batches. */
#ifndef ORDEAL_CLIENT_MOVES_H
#define ORDEAL_CLIENT_MOVES_H

#include "client/client.h"
#include "client/seen.h"

typedef struct {
    size_t from; /* indices of names */
    size_t to;
} key_pair;

seen client_move(client *c, const key_pair *pairs, size_t count, bool atomic);

#endif
