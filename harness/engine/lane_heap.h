/* The lanes of a loop that wait for a time, the earliest first: a binary heap in which each lane
 * knows its place, so that any can be taken out. */
#ifndef ORDEAL_ENGINE_LANE_HEAP_H
#define ORDEAL_ENGINE_LANE_HEAP_H

#include <stddef.h>

#include "engine/loop.h"

typedef struct {
    loop_lane **lanes; /* from place 1 on */
    size_t count;
    size_t most;
} lane_heap;

void lane_heap_open(lane_heap *h, size_t most);
void lane_heap_close(lane_heap *h);
/* By the lane's wake_at. */
void lane_heap_add(lane_heap *h, loop_lane *lane);
/* NULL: there is none. */
loop_lane *lane_heap_first(const lane_heap *h);
/* One that is not in it stays so. */
void lane_heap_remove(lane_heap *h, loop_lane *lane);

#endif
