#include "engine/lane_heap.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "engine/loop_parts.h"

void lane_heap_open(lane_heap *h, size_t most)
{
    *h = (lane_heap){.lanes = memory_zeroed(most + 1, sizeof(loop_lane *)), .most = most};
}

void lane_heap_close(lane_heap *h)
{
    free(h->lanes);
}

static void place(lane_heap *h, size_t at, loop_lane *lane)
{
    h->lanes[at] = lane;
    lane->heap_place = at;
}

static void sift_up(lane_heap *h, size_t at)
{
    loop_lane *lane = h->lanes[at];
    while (at > 1 && h->lanes[at / 2]->wake_at > lane->wake_at) {
        place(h, at, h->lanes[at / 2]);
        at /= 2;
    }
    place(h, at, lane);
}

static void sift_down(lane_heap *h, size_t at)
{
    loop_lane *lane = h->lanes[at];
    for (;;) {
        size_t child = at * 2;
        if (child > h->count)
            break;
        if (child < h->count && h->lanes[child + 1]->wake_at < h->lanes[child]->wake_at)
            child++;
        if (h->lanes[child]->wake_at >= lane->wake_at)
            break;
        place(h, at, h->lanes[child]);
        at = child;
    }
    place(h, at, lane);
}

void lane_heap_add(lane_heap *h, loop_lane *lane)
{
    CHECK(h->count < h->most && lane->heap_place == 0);
    place(h, ++h->count, lane);
    sift_up(h, h->count);
}

loop_lane *lane_heap_first(const lane_heap *h)
{
    return h->count > 0 ? h->lanes[1] : NULL;
}

void lane_heap_remove(lane_heap *h, loop_lane *lane)
{
    size_t at = lane->heap_place;
    if (at == 0)
        return;
    loop_lane *last = h->lanes[h->count--];
    lane->heap_place = 0;
    if (last == lane)
        return;
    place(h, at, last);
    sift_up(h, at);
    sift_down(h, last->heap_place);
}
