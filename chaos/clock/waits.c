#include "chaos/clock/waits.h"

#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "base/check.h"

#define ALL_BITS          UINT32_MAX
#define COMMAND_AND_CLOCK (~(uint32_t)FUTEX_PRIVATE_FLAG)
#define NOT_NULL(argument)                                                                         \
    {                                                                                              \
        TEST_NOT_NULL, argument, 0, 0                                                              \
    }
#define POSITIVE(argument)                                                                         \
    {                                                                                              \
        TEST_POSITIVE, argument, 0, 0                                                              \
    }
#define MASKED(argument, mask, value)                                                              \
    {                                                                                              \
        TEST_MASKED, argument, mask, value                                                         \
    }
#define FUTEX(operation)                                                                           \
    {                                                                                              \
        MASKED(1, (uint32_t)FUTEX_CMD_MASK, operation), NOT_NULL(3)                                \
    }
#define FUTEX_BY_WALL(operation)                                                                   \
    {                                                                                              \
        MASKED(1, COMMAND_AND_CLOCK, (operation) | FUTEX_CLOCK_REALTIME), NOT_NULL(3)              \
    }
#define SOCKET_OPTION(option)                                                                      \
    {                                                                                              \
        MASKED(1, ALL_BITS, SOL_SOCKET), MASKED(2, ALL_BITS, option), NOT_NULL(3)                  \
    }

/* Of rows for one call the first that fits counts. */
const wait_row wait_rows[] = {
    {SYS_nanosleep, WAIT_TIMESPEC, 0, WAIT_RELATIVE, {NOT_NULL(0)}},
    {SYS_clock_nanosleep, WAIT_TIMESPEC, 2, WAIT_RELATIVE, {MASKED(1, 1, 0)}},
    {SYS_clock_nanosleep,
     WAIT_TIMESPEC,
     2,
     CLOCK_REALTIME,
     {MASKED(1, 1, 1), MASKED(0, ALL_BITS, CLOCK_REALTIME)}},
    {SYS_clock_nanosleep, WAIT_TIMESPEC, 2, WAIT_BY_FIRST_ARGUMENT, {MASKED(1, 1, 1)}},
    {SYS_poll, WAIT_MILLISECONDS, 2, WAIT_RELATIVE, {POSITIVE(2)}},
    {SYS_ppoll, WAIT_TIMESPEC, 2, WAIT_RELATIVE, {NOT_NULL(2)}},
    {SYS_select, WAIT_TIMEVAL, 4, WAIT_RELATIVE, {NOT_NULL(4)}},
    {SYS_pselect6, WAIT_TIMESPEC, 4, WAIT_RELATIVE, {NOT_NULL(4)}},
    {SYS_epoll_wait, WAIT_MILLISECONDS, 3, WAIT_RELATIVE, {POSITIVE(3)}},
    {SYS_epoll_pwait, WAIT_MILLISECONDS, 3, WAIT_RELATIVE, {POSITIVE(3)}},
    {SYS_epoll_pwait2, WAIT_TIMESPEC, 3, WAIT_RELATIVE, {NOT_NULL(3)}},
    {SYS_futex, WAIT_TIMESPEC, 3, WAIT_RELATIVE, FUTEX(FUTEX_WAIT)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_REALTIME, FUTEX_BY_WALL(FUTEX_WAIT_BITSET)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_MONOTONIC, FUTEX(FUTEX_WAIT_BITSET)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_REALTIME, FUTEX(FUTEX_LOCK_PI)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_REALTIME, FUTEX_BY_WALL(FUTEX_LOCK_PI2)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_MONOTONIC, FUTEX(FUTEX_LOCK_PI2)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_REALTIME, FUTEX_BY_WALL(FUTEX_WAIT_REQUEUE_PI)},
    {SYS_futex, WAIT_TIMESPEC, 3, CLOCK_MONOTONIC, FUTEX(FUTEX_WAIT_REQUEUE_PI)},
    {SYS_futex_waitv,
     WAIT_TIMESPEC,
     3,
     CLOCK_REALTIME,
     {NOT_NULL(3), MASKED(4, ALL_BITS, CLOCK_REALTIME)}},
    {SYS_futex_waitv, WAIT_TIMESPEC, 3, CLOCK_MONOTONIC, {NOT_NULL(3)}},
    {SYS_rt_sigtimedwait, WAIT_TIMESPEC, 2, WAIT_RELATIVE, {NOT_NULL(2)}},
    {SYS_semtimedop, WAIT_TIMESPEC, 3, WAIT_RELATIVE, {NOT_NULL(3)}},
    {SYS_recvmmsg, WAIT_TIMESPEC, 4, WAIT_RELATIVE, {NOT_NULL(4)}},
    {SYS_io_getevents, WAIT_TIMESPEC, 4, WAIT_RELATIVE, {NOT_NULL(4)}},
    {SYS_io_pgetevents, WAIT_TIMESPEC, 4, WAIT_RELATIVE, {NOT_NULL(4)}},
    {SYS_mq_timedsend, WAIT_TIMESPEC, 4, CLOCK_REALTIME, {NOT_NULL(4)}},
    {SYS_mq_timedreceive, WAIT_TIMESPEC, 4, CLOCK_REALTIME, {NOT_NULL(4)}},
    {SYS_timerfd_settime, WAIT_ITIMERSPEC, 2, WAIT_RELATIVE, {MASKED(1, 1, 0), NOT_NULL(2)}},
    {SYS_timerfd_settime, WAIT_ITIMERSPEC, 2, WAIT_BY_TIMER_FD, {MASKED(1, 1, 1), NOT_NULL(2)}},
    {SYS_timer_settime, WAIT_ITIMERSPEC, 2, WAIT_RELATIVE, {MASKED(1, 1, 0), NOT_NULL(2)}},
    {SYS_setitimer,
     WAIT_ITIMERVAL,
     1,
     WAIT_RELATIVE,
     {MASKED(0, ALL_BITS, ITIMER_REAL), NOT_NULL(1)}},
    {SYS_alarm, WAIT_SECONDS, 0, WAIT_RELATIVE, {POSITIVE(0)}},
    {SYS_setsockopt, WAIT_TIMEVAL, 3, WAIT_RELATIVE, SOCKET_OPTION(SO_RCVTIMEO)},
    {SYS_setsockopt, WAIT_TIMEVAL, 3, WAIT_RELATIVE, SOCKET_OPTION(SO_SNDTIMEO)},
};
const size_t wait_row_count = sizeof wait_rows / sizeof wait_rows[0];

/* --- the filter --- */

typedef struct {
    struct sock_filter *program;
    size_t count;
} filter;

static void add(filter *f, struct sock_filter instruction)
{
    CHECK(f->count < WAIT_FILTER_MOST);
    f->program[f->count++] = instruction;
}

static void load(filter *f, uint32_t offset)
{
    add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void jump(filter *f, uint16_t condition, uint32_t value, uint8_t when, uint8_t unless)
{
    add(f,
        (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | condition | BPF_K), value, when, unless));
}

static void answer(filter *f, uint32_t what)
{
    add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Each test ends with one jump whose far side leads behind the row; it is filled in last. */
static void add_test(filter *f, const wait_test *t)
{
    uint32_t low = (uint32_t)(offsetof(struct seccomp_data, args) + t->argument * sizeof(uint64_t));
    load(f, low);
    if (t->kind == TEST_NOT_NULL) {
        jump(f, BPF_JGT, 0, 2, 0);
        load(f, low + 4);
        jump(f, BPF_JGT, 0, 0, UINT8_MAX);
    } else if (t->kind == TEST_POSITIVE) {
        jump(f, BPF_JGT, INT32_MAX, UINT8_MAX, 0);
        jump(f, BPF_JGT, 0, 0, UINT8_MAX);
    } else {
        add(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, t->mask));
        jump(f, BPF_JEQ, t->value, 0, UINT8_MAX);
    }
}

static void add_row(filter *f, size_t row)
{
    const wait_row *w = &wait_rows[row];
    size_t first = f->count;
    load(f, offsetof(struct seccomp_data, nr));
    jump(f, BPF_JEQ, (uint32_t)w->number, 0, UINT8_MAX);
    for (size_t i = 0; i < WAIT_TESTS && w->tests[i].kind != TEST_NONE; i++)
        add_test(f, &w->tests[i]);
    answer(f, SECCOMP_RET_TRACE | (uint32_t)row);
    for (size_t at = first; at < f->count; at++) {
        struct sock_filter *s = &f->program[at];
        if (s->jt == UINT8_MAX)
            s->jt = (uint8_t)(f->count - at - 1);
        if (s->jf == UINT8_MAX)
            s->jf = (uint8_t)(f->count - at - 1);
    }
}

size_t waits_filter(bool every_wait, struct sock_filter program[WAIT_FILTER_MOST])
{
    filter f = {.program = program};
    load(&f, offsetof(struct seccomp_data, arch));
    jump(&f, BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
    answer(&f, SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < wait_row_count; i++)
        if (every_wait || wait_rows[i].clock == CLOCK_REALTIME ||
            wait_rows[i].clock == WAIT_BY_TIMER_FD)
            add_row(&f, i);
    answer(&f, SECCOMP_RET_ALLOW);
    return f.count;
}
