/* Help for drivers whose bodies are file contents: sending them, and verifying what comes back.
 *
 * Nothing is stored: what is sent is generated, what is received is compared as it streams in. */
#ifndef ORDEAL_DRIVERS_CONTENTS_H
#define ORDEAL_DRIVERS_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/operation.h"
#include "engine/content.h"

/* For exchange_request.send, with a `content` as owner. */
void contents_send(void *owner, uint64_t offset, void *bytes, size_t length);

/* A piece of an upload's content, from the offset that it has come to: for exchange_request.send,
 * with a `contents_piece` as owner. */
typedef struct {
    content whole;
    uint64_t offset;
} contents_piece;
contents_piece contents_piece_of(const operation *o, const resource *upload);
void contents_send_piece(void *owner, uint64_t offset, void *bytes, size_t length);

/* For exchange_request.receive, with a `content_check` as owner. */
bool contents_receive(void *owner, const void *bytes, size_t length);

/* After operation_conclude: takes size and value into the record; wrong bytes make it failed, with
 * a PART_MISMATCH. `whole`: the range was meant to reach the value's end. */
void contents_conclude(operation *o, content_check *check, bool whole);

#endif
