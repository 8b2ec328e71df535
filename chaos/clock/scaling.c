#include "chaos/clock/scaling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/timing.h"
#include "chaos/clock/tracee.h"

#define SECOND ((int64_t)NANOSECONDS_PER_SECOND)
/* The kernel's own, seen only by a tracer: the call goes on after the signal. */
#define RESTARTS_BY_BLOCK 516

typedef struct {
    int64_t seconds;
    int64_t fraction;
} time_pair;

static unsigned long long *argument(struct user_regs_struct *r, unsigned number)
{
    unsigned long long *const all[] = {&r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8, &r->r9};
    return all[number];
}

/* --- fake to real --- */

static clock_line line_of(clock_page *page, int id)
{
    for (;;) {
        unsigned sequence = atomic_load_explicit(&page->sequence, memory_order_acquire);
        clock_line line = page->lines[id];
        atomic_thread_fence(memory_order_acquire);
        if ((sequence & 1) == 0 &&
            atomic_load_explicit(&page->sequence, memory_order_relaxed) == sequence)
            return line;
    }
}

/* Upwards, so that a wait is never over before its time. */
static int64_t unscaled(int64_t fake, int64_t rate)
{
    __int128 length = (__int128)fake * CLOCK_RATE_ONE;
    return (int64_t)(length > 0 ? (length + rate - 1) / rate : length / rate);
}

static int64_t real_time(clock_page *page, int id, int64_t fake)
{
    clock_line line = line_of(page, id == WAIT_RELATIVE ? CLOCK_MONOTONIC : id);
    if (line.rate == 0)
        return fake;
    if (id == WAIT_RELATIVE)
        return unscaled(fake, line.rate);
    return line.real + unscaled(fake - line.fake, line.rate);
}

/* --- the forms --- */

static size_t pairs_of(wait_form form)
{
    return form == WAIT_ITIMERSPEC || form == WAIT_ITIMERVAL ? 2 : 1;
}

static int64_t fraction_of(wait_form form)
{
    return form == WAIT_TIMEVAL || form == WAIT_ITIMERVAL ? SECOND / 1000000 : 1;
}

/* A pair that says "never" or that the kernel will refuse stays as it is. */
static bool is_sound(const time_pair *p, int64_t unit)
{
    return p->seconds >= 0 && p->seconds < (int64_t)1 << 32 && p->fraction >= 0 &&
           p->fraction < SECOND / unit;
}

static time_pair pair_of(int64_t nanoseconds, int64_t unit)
{
    if (nanoseconds < 0)
        nanoseconds = 0;
    nanoseconds += unit - 1;
    return (time_pair){nanoseconds / SECOND, nanoseconds % SECOND / unit};
}

/* Zero disarms a timer and makes a poll: it stays zero, and nothing else becomes it. */
static void scale_pair(clock_page *page, int id, int64_t unit, time_pair *p)
{
    if (!is_sound(p, unit) || (p->seconds == 0 && p->fraction == 0))
        return;
    int64_t real = real_time(page, id, p->seconds * SECOND + p->fraction * unit);
    *p = pair_of(real > 0 ? real : 1, unit);
}

static int clock_of_timer(pid_t pid, uint64_t fd)
{
    char text[128];
    int id = CLOCK_MONOTONIC;
    snprintf(text, sizeof text, "/proc/%d/fdinfo/%llu", (int)pid, (unsigned long long)fd);
    FILE *file = fopen(text, "re");
    while (file != NULL && fgets(text, sizeof text, file) != NULL)
        if (strncmp(text, "clockid:", 8) == 0)
            id = (int)strtol(text + 8, NULL, 10);
    if (file != NULL)
        fclose(file);
    return id;
}

static int clock_of(pid_t pid, const wait_row *row, struct user_regs_struct *r)
{
    int id = row->clock;
    if (id == WAIT_BY_FIRST_ARGUMENT)
        id = (int)*argument(r, 0);
    else if (id == WAIT_BY_TIMER_FD)
        id = clock_of_timer(pid, *argument(r, 0));
    return id >= WAIT_RELATIVE && id < CLOCK_IDS ? id : CLOCK_MONOTONIC;
}

/* Calls that count in milliseconds or seconds have a sister that takes a finer time. */
static void change_call(const wait_row *row, uintptr_t scratch, struct user_regs_struct *r)
{
    switch (row->number) {
    case SYS_poll:
        r->orig_rax = SYS_ppoll;
        r->r10 = r->r8 = 0;
        break;
    case SYS_epoll_wait:
        r->r8 = r->r9 = 0;
        r->orig_rax = SYS_epoll_pwait2;
        break;
    case SYS_epoll_pwait:
        r->orig_rax = SYS_epoll_pwait2;
        break;
    case SYS_alarm:
        r->orig_rax = SYS_setitimer;
        r->rsi = scratch;
        r->rdx = 0;
        r->rdi = 0;
        return;
    default:
        break;
    }
    *argument(r, row->argument) = scratch;
}

/* Reads the time-out into `pairs`; a number becomes a pair of the sister call's form. */
static bool read_pairs(pid_t pid, const wait_row *row, struct user_regs_struct *r,
                       time_pair pairs[2])
{
    uint64_t value = *argument(r, row->argument);
    if (row->form == WAIT_MILLISECONDS)
        pairs[0] = (time_pair){(int64_t)value / 1000, (int64_t)(value % 1000) * 1000000};
    else if (row->form == WAIT_SECONDS)
        pairs[1] = (time_pair){(int64_t)(uint32_t)value, 0};
    else
        return tracee_read(pid, value, pairs, pairs_of(row->form) * sizeof *pairs);
    return true;
}

bool scaling_begin(pid_t pid, const wait_row *row, clock_page *page, uintptr_t scratch,
                   scaled_wait *out)
{
    time_pair pairs[2] = {{0, 0}, {0, 0}};
    time_pair before[2];
    if (!tracee_registers(pid, &out->before) || !read_pairs(pid, row, &out->before, pairs))
        return false;
    struct user_regs_struct changed = out->before;
    int id = clock_of(pid, row, &changed);
    int64_t unit = row->form == WAIT_SECONDS ? SECOND / 1000000 : fraction_of(row->form);
    memcpy(before, pairs, sizeof pairs);
    /* A timer's interval is a length, also when its value is a time of day. */
    scale_pair(page, pairs_of(row->form) == 2 ? WAIT_RELATIVE : id, unit, &pairs[0]);
    scale_pair(page, id, unit, &pairs[1]);
    if (memcmp(before, pairs, sizeof pairs) == 0)
        return false;
    out->row = row;
    change_call(row, scratch, &changed);
    if (!tracee_write(pid, scratch, pairs, sizeof pairs) || !tracee_set_registers(pid, &changed))
        return false;
    atomic_fetch_add(&page->waits, 1);
    return true;
}

/* An interrupted sleep tells what is left of it. */
static void scale_rest(pid_t pid, const clock_page *page, const scaled_wait *w)
{
    struct user_regs_struct r = w->before;
    unsigned which = w->row->number == SYS_nanosleep ? 1 : 3;
    uint64_t where = *argument(&r, which);
    time_pair rest;
    if (w->row->clock != WAIT_RELATIVE || where == 0 ||
        !tracee_read(pid, where, &rest, sizeof rest))
        return;
    int64_t fake =
        clock_scaled(rest.seconds * SECOND + rest.fraction, page->lines[CLOCK_MONOTONIC].rate);
    rest = pair_of(fake, 1);
    tracee_write(pid, where, &rest, sizeof rest);
}

/* The registers of the arguments belong to the program again; so does the number, by which an
 * interrupted call begins anew. */
void scaling_end(pid_t pid, const clock_page *page, const scaled_wait *w)
{
    struct user_regs_struct now;
    if (!tracee_registers(pid, &now))
        return;
    bool sleeps = w->row->number == SYS_nanosleep || w->row->number == SYS_clock_nanosleep;
    if (sleeps && ((int64_t)now.rax == -EINTR || (int64_t)now.rax == -RESTARTS_BY_BLOCK))
        scale_rest(pid, page, w);
    now.rdi = w->before.rdi;
    now.rsi = w->before.rsi;
    now.rdx = w->before.rdx;
    now.r10 = w->before.r10;
    now.r8 = w->before.r8;
    now.r9 = w->before.r9;
    now.orig_rax = w->before.orig_rax;
    tracee_set_registers(pid, &now);
}
