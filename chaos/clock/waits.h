/* The system calls that wait: which ones a clock must follow, the seccomp filter that lets exactly
 * those stop, and how their time-outs are read.
 *
 * With only the wall clock changed, a program's own arithmetic still agrees with the kernel for
 * everything but absolute wall-clock times; those few are followed always, the rest when the clock
 * may run at another rate. */
#ifndef ORDEAL_CHAOS_CLOCK_WAITS_H
#define ORDEAL_CHAOS_CLOCK_WAITS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    WAIT_MILLISECONDS, /* a number in the argument itself */
    WAIT_SECONDS,      /* likewise */
    WAIT_TIMESPEC,     /* the argument points to it */
    WAIT_TIMEVAL,
    WAIT_ITIMERSPEC, /* interval and value */
    WAIT_ITIMERVAL,
} wait_form;

/* Absolute times: of which clock. */
enum { WAIT_RELATIVE = -1, WAIT_BY_FIRST_ARGUMENT = -2, WAIT_BY_TIMER_FD = -3 };

typedef enum { TEST_NONE, TEST_NOT_NULL, TEST_POSITIVE, TEST_MASKED } wait_test_kind;

typedef struct {
    wait_test_kind kind;
    unsigned argument;
    uint32_t mask; /* TEST_MASKED: argument & mask == value */
    uint32_t value;
} wait_test;

#define WAIT_TESTS 3

typedef struct {
    long number;
    wait_form form;
    unsigned argument;
    int clock;
    wait_test tests[WAIT_TESTS]; /* all must hold */
} wait_row;

extern const wait_row wait_rows[];
extern const size_t wait_row_count;

#define WAIT_FILTER_MOST 1024

/* A filter whose traced calls carry the number of their row. Returns its length. */
size_t waits_filter(bool every_wait, struct sock_filter program[WAIT_FILTER_MOST]);

#endif
