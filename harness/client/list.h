/* Listing names. */
#ifndef ORDEAL_CLIENT_LIST_H
#define ORDEAL_CLIENT_LIST_H

#include "client/client.h"
#include "client/seen.h"

/* All names that begin with `prefix`, page by page. */
seen client_list(client *c, const char *prefix);

#endif
