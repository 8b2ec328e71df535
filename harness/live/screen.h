/* Composes what the live view shows: the rows of the screen, or one plain line. Pure text; who
 * draws it is live.c. */
#ifndef ORDEAL_LIVE_SCREEN_H
#define ORDEAL_LIVE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "live/live.h"

#define SCREEN_SPARKS 40

typedef struct {
    size_t columns;
    size_t rows;
    bool colour;
    bool unicode;
    double rate;                    /* operations a second, lately */
    uint64_t median;                /* latency lately, nanoseconds */
    uint64_t p99;                   /* likewise */
    uint64_t sparks[SCREEN_SPARKS]; /* p99 of each past interval, oldest first */
    size_t spark_count;
} screen_view;

/* Appends whole rows, each at most columns - 1 wide, at most rows - 1 of them; returns how many. */
size_t screen_compose(const screen_view *view, const live_state *state, buffer *out);
/* One line, with its line break. */
void screen_plain(const screen_view *view, const live_state *state, buffer *out);

#endif
