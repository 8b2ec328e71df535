/* Help for drivers whose bodies are JSON documents. */
#ifndef ORDEAL_DRIVERS_DOCUMENT_H
#define ORDEAL_DRIVERS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "client/operation.h"
#include "drivers/body.h"

/* Sends the request, with `body` (JSON text; NULL: none) as application/json, and concludes the
 * operation. The answer's document, which the caller owns; NULL when the outcome is not ok or the
 * answer is no document, which makes the operation malformed. An answer is kept in memory: 8 MiB
 * at most. */
json_t *document_ask(operation *o, const exchange_request *asked, const char *body);

/* Likewise with a body that is made while it is sent. */
json_t *document_ask_from(operation *o, const exchange_request *asked, const body_source *source);

/* Members of an object: false when missing, or not of that kind. */
bool document_whole(const json_t *object, const char *name, uint64_t *value);
const char *document_text(const json_t *object, const char *name); /* NULL: missing */

#endif
