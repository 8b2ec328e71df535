/* A virtual client: who it is, its own randomness, and what it picks.
 *
 * Everything here runs on the client's coroutine. The operations that behaviours are written in
 * stand in one header a capability: files.h, list.h and their neighbours. `stage` is what all
 * clients of a run share; it is owned by the runner. */
#ifndef ORDEAL_CLIENT_CLIENT_H
#define ORDEAL_CLIENT_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "behaviours/behaviour.h"
#include "client/board.h"
#include "client/keyspace.h"
#include "client/operation.h"
#include "client/places.h"
#include "drivers/driver.h"
#include "engine/counters.h"
#include "engine/loop.h"
#include "engine/sizes.h"
#include "history/writer.h"

typedef struct {
    const driver *driver;
    const char *base_url;
    const auth *auth; /* of every request; NULL: none */
    uint64_t seed;
    uint64_t operation_timeout;
    double clock_rate;   /* scenario time passes so many times as fast as ours; 0: once */
    uint64_t pause_most; /* that client_pause waits; 0: as long as it is asked to */
    unsigned capabilities;
    keyspace *keys;
    board *board;
    places *places;
    const size_mixture *sizes;
    history_writer *history;
    const atomic_uint_fast64_t *log_position; /* of chaosfs's operation log; NULL: none is kept */
    atomic_bool load_over;                    /* clients end after the turn that they are in */
    /* For the live view; the history is the truth. */
    counters counters;
    /* Sees every operation as it is recorded, from any thread; NULL: nobody watches. */
    void (*watch)(void *watcher, const history_record *operation);
    void *watcher;
} stage;

struct client {
    stage *stage;
    loop_lane *lane;
    unsigned slot; /* of the history writer */
    uint32_t number;
    uint32_t sequence;
    random_stream random;
    const parameter_value *values; /* of its behaviour's parameters */
    void *memory;
    uint64_t late; /* nanoseconds that this turn began after its intended start: so much earlier
                      would each of its operations have been made */
    uint8_t flags; /* added to every record: FLAG_FINAL */
    bool refused;  /* its last operation found nobody to connect to */
    char token[RESOURCE_SIZE];
};

void *client_memory(client *c);
const parameter_value *client_value(const client *c, size_t index);
random_stream *client_random(client *c);
bool client_over(const client *c);
/* Of scenario time. */
void client_pause(client *c, uint64_t nanoseconds);
/* How long scenario time takes for real. */
uint64_t client_real(const client *c, uint64_t nanoseconds);

size_t client_pick_key(client *c);
size_t client_pick_own_key(client *c);
uint64_t client_pick_size(client *c);

#endif
