/* Where clients leave things for each other to find: tokens of shares, uploads that somebody else
 * may go on with. Keeps the latest BOARD_PLACES of each kind. From any thread. */
#ifndef ORDEAL_CLIENT_BOARD_H
#define ORDEAL_CLIENT_BOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "drivers/driver.h"

#define BOARD_PLACES 64

typedef enum { BOARD_SHARES, BOARD_UPLOADS, BOARD_KINDS } board_kind;

typedef struct {
    resource what;
    size_t key_index; /* the name that it is about */
    const char *name; /* instead of that, for one that the run's names do not have; or NULL */
} notice;

typedef struct board board;

board *board_create(void);
void board_destroy(board *b);
void board_post(board *b, board_kind kind, const notice *n);
/* One of those posted; false when there is none. */
bool board_pick(board *b, board_kind kind, random_stream *r, notice *out);

#endif
