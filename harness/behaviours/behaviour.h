/* What a behaviour is: how one kind of client uses a storage service = one file that ends in one
 * `const behaviour`, and one row in behaviours.c.
 *
 * `turn` is straight-line code on the client's coroutine: one visit, a few operations by
 * client/client.h. The engine calls it again at each arrival until the load ends; what a client
 * must remember between turns stands in client_memory. */
#ifndef ORDEAL_BEHAVIOURS_BEHAVIOUR_H
#define ORDEAL_BEHAVIOURS_BEHAVIOUR_H

#include <stddef.h>
#include <stdint.h>

#include "base/parameters.h"

typedef struct client client; /* client/client.h */

typedef struct {
    const char *name;
    const char *description;
    const parameter *parameters;
    size_t parameter_count;
    unsigned capabilities; /* of driver_capability: what the target must have */
    uint32_t operations;   /* bits 1 << operation_type that a valid run must have seen succeed */
    size_t memory_size;    /* bytes that client_memory gives, zeroed at the client's start */
    void (*turn)(client *c);
    /* NULL, or what its invariants must see at the end: called once a group after the quiet period
     * and the final reads, on a client without memory; its operations carry FLAG_FINAL. */
    void (*settle)(client *c);
} behaviour;

extern const behaviour *const behaviours[];
extern const size_t behaviour_count;
const behaviour *behaviour_named(const char *name);

#endif
