/* Requests whose bodies are texts, or made while they are sent; answers that are short texts. */
#ifndef ORDEAL_DRIVERS_BODY_H
#define ORDEAL_DRIVERS_BODY_H

#include "base/buffer.h"
#include "client/operation.h"

/* Sends the request, with `body` (NULL: none) as `type`, concludes the operation and leaves the
 * answer in *answer, which the caller frees: 8 MiB at most. True: the outcome is ok. */
bool body_ask(operation *o, const exchange_request *asked, const char *type, const char *body,
              buffer *answer);

/* A body that is nowhere as a whole: `send` as in exchange_request. */
typedef struct {
    uint64_t length;
    void (*send)(void *owner, uint64_t offset, void *bytes, size_t length);
    void *owner;
} body_source;

/* As body_ask; `source` NULL: none. */
bool body_ask_from(operation *o, const exchange_request *asked, const char *type,
                   const body_source *source, buffer *answer);

#endif
