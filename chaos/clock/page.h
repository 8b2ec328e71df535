/* The page that says what time it is: shared by the harness, which writes it, by the tracers, and
 * by every program that runs under the clock, which reads it at each look at the clock.
 *
 * Each of the kernel's clocks has a line: at the real reading `real` it shows `fake`, and from
 * there it runs `rate` times as fast. A writer makes `sequence` odd, changes, makes it even again;
 * a reader who saw it change reads again. */
#ifndef ORDEAL_CHAOS_CLOCK_PAGE_H
#define ORDEAL_CHAOS_CLOCK_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CLOCK_PAGE_MAGIC ((uint64_t)0x314b4c434c445230)
#define CLOCK_PAGE_SIZE  4096
#define CLOCK_IDS        12 /* CLOCK_REALTIME 0 ... CLOCK_TAI 11 */
#define CLOCK_RATE_ONE   ((int64_t)1 << 32)

typedef struct {
    int64_t real; /* nanoseconds */
    int64_t fake;
    int64_t rate; /* in 2^-32; 0: this clock is left alone */
    uint64_t wall;
} clock_line;

typedef struct {
    uint64_t magic;
    atomic_uint sequence;
    uint32_t generation; /* counts the changes */
    /* Written by the programs, only when it differs: proof that the present clock was read. */
    uint32_t wall_seen;
    uint32_t monotonic_seen;
    uint32_t phases_seen;  /* bit 0: the wall clock as its line has it, bit 1: strobed away */
    uint32_t scales_waits; /* fixed from the start */
    int64_t strobe_half;   /* nanoseconds; 0: none */
    int64_t strobe_by;     /* added to the wall clock in every second half */
    clock_line lines[CLOCK_IDS];
    atomic_uint programs; /* that were given the clock at their exec */
    atomic_uint missed;   /* that could not be (32 bits, no vDSO) */
    atomic_uint waits;    /* system calls whose time-outs were changed */
} clock_page;

_Static_assert(sizeof(clock_page) <= CLOCK_PAGE_SIZE, "the clock must fit one page");

static inline __attribute__((always_inline)) int64_t clock_scaled(int64_t length, int64_t rate)
{
    return (int64_t)(((__int128)length * rate) >> 32);
}

/* A monotonic clock never shows less than at its line's beginning, a coarse one read a moment
 * before the change included. */
static inline __attribute__((always_inline)) int64_t clock_shown(const clock_line *line,
                                                                 int64_t real)
{
    int64_t passed = real - line->real;
    if (passed < 0 && line->wall == 0)
        passed = 0;
    return line->fake + clock_scaled(passed, line->rate);
}

#endif
