#include "client/board.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"

struct board {
    pthread_mutex_t lock;
    uint64_t posted[BOARD_KINDS];
    notice places[BOARD_KINDS][BOARD_PLACES];
};

board *board_create(void)
{
    board *b = memory_zeroed(1, sizeof *b);
    CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
    return b;
}

void board_destroy(board *b)
{
    if (b == NULL)
        return;
    pthread_mutex_destroy(&b->lock);
    free(b);
}

void board_post(board *b, board_kind kind, const notice *n)
{
    pthread_mutex_lock(&b->lock);
    b->places[kind][b->posted[kind]++ % BOARD_PLACES] = *n;
    pthread_mutex_unlock(&b->lock);
}

bool board_pick(board *b, board_kind kind, random_stream *r, notice *out)
{
    pthread_mutex_lock(&b->lock);
    uint64_t count = b->posted[kind] < BOARD_PLACES ? b->posted[kind] : BOARD_PLACES;
    if (count > 0)
        *out = b->places[kind][random_below(r, count)];
    pthread_mutex_unlock(&b->lock);
    return count > 0;
}
