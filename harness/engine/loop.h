/* One worker's event loop: sleeping coroutines, and HTTP exchanges through libcurl.
 *
 * Clients are spread over multi handles of 25 to 50 clients that share one epoll (MEASURED.md says
 * why). A lane is one client's place: its easy handle is pinned and never reset. Everything of one
 * loop runs on one thread; loop_stop and loop_hurry alone may be called from others. */
#ifndef ORDEAL_ENGINE_LOOP_H
#define ORDEAL_ENGINE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/coroutine.h"

typedef struct loop loop;
typedef struct loop_lane loop_lane;

loop *loop_create(size_t lanes_most, size_t stack_size, error *e);
void loop_destroy(loop *l);
/* Bytes that a loop with so many lanes may come to need. */
uint64_t loop_memory(size_t lanes_most, size_t stack_size);
/* Runs until every coroutine has ended. */
void loop_run(loop *l);
/* From any thread: loop_stopping becomes true, and everything that sleeps or waits for an answer is
 * woken: sleeps end early, exchanges end as interrupted. */
void loop_stop(loop *l);
/* From any thread: everything that sleeps now is woken once, early; exchanges go on. */
void loop_hurry(loop *l);
bool loop_stopping(const loop *l);

/* A client's place on the loop, running body(argument) as a coroutine from the next turn on. The
 * lane is freed when body returns. NULL when lanes_most are alive. */
loop_lane *loop_start(loop *l, void (*body)(loop_lane *lane, void *argument), void *argument);

/* From inside body only. */
loop *lane_loop(loop_lane *lane);
void lane_sleep(loop_lane *lane, uint64_t nanoseconds);
void lane_sleep_until(loop_lane *lane, uint64_t monotonic); /* timing_now's clock */
/* Closes the lane's kept connection, so that the next exchange makes a new one. */
void lane_disconnect(loop_lane *lane);

#endif
