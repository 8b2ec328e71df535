#include "client/moves.h"

#include <stdlib.h>

#include "base/arena.h"
#include "client/perform.h"

/* Too many names for a coroutine's stack. */
typedef struct {
    char from[KEY_NAME_SIZE];
    char to[KEY_NAME_SIZE];
} names;

seen client_move(client *c, const key_pair *pairs, size_t count, bool atomic)
{
    keyspace *keys = c->stage->keys;
    names *texts = memory_take(count * sizeof *texts);
    move_pair *moves = memory_take(count * sizeof *moves);
    for (size_t i = 0; i < count; i++) {
        keyspace_touch(keys, pairs[i].from);
        keyspace_touch(keys, pairs[i].to);
        keyspace_name(keys, pairs[i].from, texts[i].from);
        keyspace_name(keys, pairs[i].to, texts[i].to);
        moves[i] = (move_pair){texts[i].from, texts[i].to};
    }
    operation o = perform_begin(c, OPERATION_MOVE, NULL);
    o.record.value = perform_value(&o);
    o.record.size = count;
    if (atomic)
        o.record.flags |= FLAG_ATOMIC;
    c->stage->driver->move(&o, moves, count, atomic);
    free(moves);
    free(texts);
    return perform_end(&o, NULL);
}
