/* Shares: a file for whoever has the token, so long and so often. */
#ifndef ORDEAL_CLIENT_SHARES_H
#define ORDEAL_CLIENT_SHARES_H

#include "client/board.h"
#include "client/client.h"
#include "client/seen.h"

/* `most` downloads (0: any number) within `seconds` (0: as long as the target lets it). Fills
 * `share` when it is ok. */
seen client_share_create(client *c, size_t key_index, uint64_t most, uint64_t seconds,
                         notice *share);
seen client_share_get(client *c, const notice *share);
seen client_share_delete(client *c, const notice *share);

#endif
