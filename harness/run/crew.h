/* The virtual clients at work: worker threads, each with its loop, each client with its coroutine.
 */
#ifndef ORDEAL_RUN_CREW_H
#define ORDEAL_RUN_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/client.h"
#include "plan/plan.h"

typedef struct crew crew;

/* Threads needed for so many clients; worker w records in history slot w. */
unsigned crew_workers(const plan *p);
/* Bytes that ordeal itself may come to need for this plan. */
uint64_t crew_memory(const plan *p);
/* Starts everybody at once; clients join and leave as their group says. `st` must outlive the crew.
 */
crew *crew_start(const plan *p, stage *st, error *e);
/* When the load began, by timing_now. */
uint64_t crew_began(const crew *c);
/* Turns end after the operation in work; what has not ended after `patience` is interrupted. */
void crew_finish(crew *c, uint64_t patience);
/* Arrivals that were due and could not be made, per group. Final after crew_finish. */
uint64_t crew_dropped(const crew *c, size_t group);
void crew_free(crew *c);

/* One client that runs `body` to its end on a loop of its own: probes and final reads. */
bool crew_errand(stage *st, const scenario *s, unsigned slot, uint32_t number, uint8_t flags,
                 void (*body)(client *c, void *argument), void *argument, error *e);

#endif
