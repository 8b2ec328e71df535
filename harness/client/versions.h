/* Old versions of files. */
#ifndef ORDEAL_CLIENT_VERSIONS_H
#define ORDEAL_CLIENT_VERSIONS_H

#include "client/client.h"
#include "client/seen.h"

/* `version` of what was seen: one of those listed, drawn by the client; 0 when there is none. */
seen client_versions(client *c, size_t key_index);
seen client_get_version(client *c, size_t key_index, uint32_t version);
seen client_restore(client *c, size_t key_index, uint32_t version);

#endif
