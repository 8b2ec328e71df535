/* Reference servers with and without a defect, built outside the tree and kept there.
 *
 * The work is done by scenarios/incidents/build-server: only what a patch touches is compiled anew.
 * The cache is $XDG_CACHE_HOME/ordeal/servers, or ~/.cache/ordeal/servers. */
#ifndef ORDEAL_INCIDENTS_SERVER_H
#define ORDEAL_INCIDENTS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "incidents/catalogue.h"

#define SERVER_PATH_SIZE 1024

/* `patch` NULL: the server as it is. Fills `program` with its path. ERROR_UNABLE with what the
 * build said when the patch does not apply or the sources do not compile. */
bool server_build(const catalogue *c, const char *patch, char program[SERVER_PATH_SIZE], error *e);

#endif
