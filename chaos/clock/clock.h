/* The clock of a target, as the harness holds it: a page that every program under the clock reads,
 * and the changes to it that are active now.
 *
 * There are two ways, chosen by trying: the vDSO of each program is led to our routines at its exec
 * (x86-64; any language, static programs too; live changes), or libfaketime is loaded (dynamic
 * programs; only what holds from the start). clock_open makes the page's file, clock_close removes
 * it; the target must be gone by then. Changing comes from one thread; reading is safe from any.
 *
 * The wall clock may be set anywhere at any time. The monotonic clock only ever runs at another
 * rate: a jump leaves it alone, and it never goes back. When the last change ends, the wall clock
 * is right again and the monotonic one runs right from where it is. */
#ifndef ORDEAL_CHAOS_CLOCK_CLOCK_H
#define ORDEAL_CHAOS_CLOCK_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

typedef struct clock_control clock_control;

typedef enum { CLOCK_BY_PROBE, CLOCK_BY_VDSO, CLOCK_BY_FAKETIME } clock_way;

typedef struct {
    const char *page; /* the path of the file that is made */
    clock_way way;    /* CLOCK_BY_PROBE: the first that works */
    /* From the start, and what the clock goes back to. */
    double rate;    /* of wall and monotonic clock; 1: right */
    int64_t offset; /* nanoseconds, of the wall clock */
    /* The rate may differ from 1 at some time: waits are followed from the start, as a filter of
     * system calls cannot be added later. Costs requests a second, also while the rate is 1. */
    bool rate_may_change;
} clock_options;

#define CLOCK_RATE_LEAST 0.01
#define CLOCK_RATE_MOST  1440.0

/* ERROR_UNABLE when no way works here; the text says how to enable one. */
clock_control *clock_open(const clock_options *options, error *e);
void clock_close(clock_control *c);

clock_way clock_chosen(const clock_control *c);
/* "vDSO patch", "libfaketime". */
const char *clock_way_name(clock_way way);
double clock_rate(const clock_control *c);    /* as from the start */
int64_t clock_offset(const clock_control *c); /* likewise */
/* The small program that probes run. */
const char *clock_program(const clock_control *c);
/* What goes before a command; ends in NULL, may be empty. */
const char *const *clock_prefix(const clock_control *c);
/* What is added to its environment, NAME=value; ends in NULL, may be empty. */
const char *const *clock_environment(const clock_control *c);

/* A file that program `pid` under this clock leaves behind when it is killed, by index; false:
 * there is no such. */
bool clock_leftover(const clock_control *c, pid_t pid, unsigned index, char *path, size_t size);
/* Removes them: the program has ended. */
void clock_program_ended(const clock_control *c, pid_t pid);

typedef struct {
    int64_t offset;       /* of the wall clock */
    double drift;         /* the wall clock gains so much a second; 0: none */
    double rate;          /* of both clocks; 0: unchanged */
    uint64_t strobe_half; /* the wall clock is strobe_by off in every second such time; 0: never */
    int64_t strobe_by;
} clock_change;

#define CLOCK_CHANGES_MOST 8

/* Returns the change's number, or -1: too many, or a second rate, drift or strobe at once. */
int clock_begin(clock_control *c, const clock_change *change, error *e);
void clock_end(clock_control *c, int number);
/* What programs have read since that change began: the wall clock, the monotonic one, both halves
 * of a strobe. */
enum { CLOCK_SEEN_WALL = 1, CLOCK_SEEN_MONOTONIC = 2, CLOCK_SEEN_PHASES = 4 };
unsigned clock_seen(const clock_control *c, int number);

/* Programs that got the clock at their exec, programs that could not, and waits that were scaled.
 */
uint64_t clock_programs(const clock_control *c);
uint64_t clock_missed(const clock_control *c);
uint64_t clock_waits(const clock_control *c);

#endif
