/* move: moves its files to and fro in one batch, and looks whether anybody sees half of it.
 *
 * A client's own names are divided into drawers of two sides and one name that is never there. What
 * became of a batch with an unknown outcome is unknown for good, so the client then goes on with
 * the next drawer. */
#include "client/files.h"
#include "client/list.h"
#include "client/moves.h"
#include "history/record.h"

#define BATCH_MOST 200

typedef struct {
    uint64_t drawer;
    uint64_t side; /* where the files are */
    bool filled;
} memory;

static const parameter parameters[] = {
    {"batch", PARAMETER_WHOLE, "50",
     "files moved at once, 200 at most; keys_per_client must be twice that and one, or more", NULL},
    {"refused", PARAMETER_FRACTION, "25%", "of the batches name a file that is not there", NULL},
    {"looks", PARAMETER_WHOLE, "3", "files read after each batch", NULL},
};
enum { BATCH, REFUSED, LOOKS };

static uint64_t batch_size(const client *c)
{
    uint64_t wanted = client_value(c, BATCH)->number;
    uint64_t own = keyspace_own_count(c->stage->keys);
    uint64_t possible = own > 0 ? (own - 1) / 2 : 0;
    uint64_t most = possible < BATCH_MOST ? possible : BATCH_MOST;
    return wanted < most ? wanted : most;
}

static size_t place(client *c, uint64_t batch, uint64_t side, uint64_t which)
{
    const memory *m = client_memory(c);
    uint64_t drawers = keyspace_own_count(c->stage->keys) / (2 * batch + 1);
    uint64_t first = m->drawer % drawers * (2 * batch + 1);
    return keyspace_own(c->stage->keys, c->number, first + side * batch + which);
}

/* The files on one side, nothing on the other. */
static bool fill(client *c, uint64_t batch)
{
    memory *m = client_memory(c);
    for (uint64_t i = 0; i < batch; i++) {
        if (client_over(c) ||
            client_put(c, place(c, batch, m->side, i), client_pick_size(c)).outcome != OUTCOME_OK ||
            client_delete(c, place(c, batch, 1 - m->side, i)).outcome != OUTCOME_OK)
            return false;
    }
    return true;
}

static seen move_all(client *c, uint64_t batch, bool refused)
{
    const memory *m = client_memory(c);
    key_pair pairs[BATCH_MOST];
    for (uint64_t i = 0; i < batch; i++)
        pairs[i] = (key_pair){place(c, batch, m->side, i), place(c, batch, 1 - m->side, i)};
    if (refused)
        pairs[batch - 1].from = place(c, batch, 2, 0);
    return client_move(c, pairs, batch, true);
}

static void look(client *c, uint64_t batch)
{
    char prefix[KEY_NAME_SIZE];
    random_stream *r = client_random(c);
    for (uint64_t i = 0; i < client_value(c, LOOKS)->number && !client_over(c); i++)
        client_get(c, place(c, batch, random_below(r, 2), random_below(r, batch)));
    if (client_over(c))
        return;
    keyspace_own_prefix(c->stage->keys, c->number, prefix);
    client_list(c, prefix);
}

static void turn(client *c)
{
    memory *m = client_memory(c);
    uint64_t batch = batch_size(c);
    if (batch == 0)
        return;
    m->filled = m->filled || fill(c, batch);
    if (!m->filled || client_over(c))
        return;
    bool refused = random_unit(client_random(c)) < client_value(c, REFUSED)->real;
    seen moved = move_all(c, batch, refused);
    if (moved.outcome == OUTCOME_OK)
        m->side = 1 - m->side;
    if (!client_over(c))
        look(c, batch);
    if (moved.outcome == OUTCOME_UNKNOWN) {
        m->drawer++;
        m->filled = false;
    }
}

const behaviour behaviour_move = {
    .name = "move",
    .description = "moves its files to and fro in batches, and looks for half of one",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_MOVES | CAPABILITY_LIST,
    .operations =
        1u << OPERATION_PUT | 1u << OPERATION_MOVE | 1u << OPERATION_LIST | 1u << OPERATION_GET,
    .memory_size = sizeof(memory),
    .turn = turn,
};
