/* What a PUT stored is read again byte for byte: at once, and behind a start of the server if
 * nobody has asked for anything since. Owns a copy of the last one's path and body. */
#ifndef FUZZ_LAST_PUT_H
#define FUZZ_LAST_PUT_H

#include "base/buffer.h"
#include "talk.h"

/* {0} holds nothing. */
typedef struct {
    buffer path;
    buffer body;
} last_put;

void last_put_forget(last_put *last);
void last_put_remember(last_put *last, const wire_request *put, const buffer *body);

/* From the server without accounts; nothing if none is held. */
void last_put_read(const last_put *last);

/* As who put it. */
void last_put_read_at_once(const wire_request *put, const buffer *body);

#endif
