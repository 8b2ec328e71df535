/* Resumable uploads. A notice names an upload, so that it can be given to others on the board; its
 * `what.offset` is how far the target has said that it is. */
#ifndef ORDEAL_CLIENT_UPLOADS_H
#define ORDEAL_CLIENT_UPLOADS_H

#include "client/board.h"
#include "client/client.h"
#include "client/seen.h"

/* `size` must not be 0: such an upload has no piece that completes it. */
seen client_upload_create(client *c, size_t key_index, uint64_t size, notice *upload);
/* The next `length` bytes, or what is left if that is less, or if `length` is 0. */
seen client_upload_piece(client *c, notice *upload, uint64_t length);
/* The same, but the connection is dropped after `cut` bytes of it. */
seen client_upload_cut_piece(client *c, notice *upload, uint64_t length, uint64_t cut);
seen client_upload_offset(client *c, notice *upload);
seen client_upload_cancel(client *c, notice *upload);

/* An upload that another process made, of which the record of its making tells: asks how far it is,
 * sends the rest and reads the name. `place` is what `detail` holds there. */
void client_upload_take_over(client *c, const char *name, const char *place, const resource *what);

/* Sends what is left in pieces, asking for the offset after each failure. True: all is there. */
bool client_upload_rest(client *c, notice *upload, uint64_t piece);

#endif
