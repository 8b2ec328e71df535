/* Requests and answers whose bodies are short texts. */
#ifndef ORDEAL_DRIVERS_BODY_H
#define ORDEAL_DRIVERS_BODY_H

#include "base/buffer.h"
#include "client/operation.h"

/* Sends the request, with `body` (NULL: none) as `type`, concludes the operation and leaves the
 * answer in *answer, which the caller frees: 8 MiB at most. True: the outcome is ok. */
bool body_ask(operation *o, const exchange_request *asked, const char *type, const char *body,
              buffer *answer);

#endif
