/* What every operation of a client is made of: begin, let the driver act, end. For the files of
 * this folder that behaviours call, one capability a file. */
#ifndef ORDEAL_CLIENT_PERFORM_H
#define ORDEAL_CLIENT_PERFORM_H

#include "client/client.h"
#include "client/operation.h"
#include "client/seen.h"

/* The next operation of the client; `k` NULL: on no name. */
operation perform_begin(client *c, operation_type type, const key *k);
/* Records it with its parts, which are freed. `tag` NULL: none. */
seen perform_end(operation *o, const char *tag);

key perform_key(client *c, size_t index);
/* The value that names what this operation writes. */
uint64_t perform_value(const operation *o);

#endif
