/* What garbage.c and mutated.c of this folder share. */
#ifndef ORDEAL_CLIENT_GARBAGE_SEND_H
#define ORDEAL_CLIENT_GARBAGE_SEND_H

#include "base/buffer.h"
#include "client/garbage.h"
#include "client/operation.h"

/* Sends the bytes on a connection of its own, waits until the other side has answered and closed,
 * and takes times, status and outcome into the record. `may_be_taken`: any status will do; else
 * only a refusal, which 500 is not. `last` is what this client sent before and, afterwards, this;
 * the record tells what was sent when it was wrong, or when nobody listens after it. */
void garbage_send(operation *o, const buffer *text, bool may_be_taken, garbage_sent *last);

#endif
