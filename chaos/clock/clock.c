#include "chaos/clock/clock.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "chaos/clock/page.h"
#include "chaos/clock/ways.h"

#define SECOND ((int64_t)NANOSECONDS_PER_SECOND)

struct clock_control {
    clock_options options;
    char path[PATH_MAX];
    clock_page *page;
    clock_way way;
    way_parts parts;
    bool used[CLOCK_CHANGES_MOST];
    clock_change changes[CLOCK_CHANGES_MOST];
    unsigned seen[CLOCK_CHANGES_MOST]; /* until the last change of the page */
    clock_line first[CLOCK_IDS];       /* the clock without any change */
    int64_t gained;                    /* by rate and drift, as long as one of them is active */
};

/* --- the page --- */

/* CPU times and alarm clocks are left alone. */
static bool is_wall(clockid_t id)
{
    return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI;
}

static bool is_monotonic(clockid_t id)
{
    return id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW || id == CLOCK_MONOTONIC_COARSE ||
           id == CLOCK_BOOTTIME;
}

static int64_t read_real(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return now.tv_sec * SECOND + now.tv_nsec;
}

static int64_t fixed(double rate)
{
    return (int64_t)llround(rate * (double)CLOCK_RATE_ONE);
}

static clock_change total(const clock_control *c)
{
    clock_change sum = {.rate = c->options.rate};
    for (size_t i = 0; i < CLOCK_CHANGES_MOST; i++) {
        const clock_change *one = &c->changes[i];
        if (!c->used[i])
            continue;
        sum.offset += one->offset;
        sum.drift += one->drift;
        if (one->rate > 0)
            sum.rate *= one->rate;
        if (one->strobe_half > 0) {
            sum.strobe_half = one->strobe_half;
            sum.strobe_by = one->strobe_by;
        }
    }
    return sum;
}

/* What the wall clock has gained until `now` beyond what it gains without any change. */
static void add_gain(clock_control *c, const clock_change *sum, int64_t now)
{
    const clock_line *line = &c->page->lines[CLOCK_REALTIME];
    int64_t extra = line->rate - c->first[CLOCK_REALTIME].rate;
    c->gained += clock_scaled(now - line->real, extra);
    if (sum->drift == 0 && sum->rate == c->options.rate)
        c->gained = 0;
}

static void set_line(clock_control *c, clockid_t id, const clock_change *sum)
{
    clock_line line = c->page->lines[id];
    int64_t now = read_real(id);
    if (is_wall(id)) {
        line.fake = clock_shown(&c->first[id], now) + sum->offset + c->gained;
        line.rate = fixed(sum->rate * (1 + sum->drift));
    } else {
        line.fake = clock_shown(&line, now);
        line.rate = fixed(sum->rate);
    }
    line.real = now;
    c->page->lines[id] = line;
}

static unsigned seen_now(const clock_page *page)
{
    return (page->wall_seen == page->generation ? CLOCK_SEEN_WALL : 0U) |
           (page->monotonic_seen == page->generation ? CLOCK_SEEN_MONOTONIC : 0U) |
           (page->phases_seen == 3 ? CLOCK_SEEN_PHASES : 0U);
}

static void apply(clock_control *c)
{
    clock_page *page = c->page;
    clock_change sum = total(c);
    unsigned seen = seen_now(page);
    for (size_t i = 0; i < CLOCK_CHANGES_MOST; i++)
        c->seen[i] |= seen;
    atomic_fetch_add_explicit(&page->sequence, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    add_gain(c, &sum, read_real(CLOCK_REALTIME));
    for (clockid_t id = 0; id < CLOCK_IDS; id++)
        if (is_wall(id) || is_monotonic(id))
            set_line(c, id, &sum);
    page->strobe_half = (int64_t)sum.strobe_half;
    page->strobe_by = sum.strobe_by;
    page->phases_seen = 0;
    page->generation++;
    atomic_fetch_add_explicit(&page->sequence, 1, memory_order_release);
}

static void set_first_lines(clock_control *c)
{
    for (clockid_t id = 0; id < CLOCK_IDS; id++) {
        if (!is_wall(id) && !is_monotonic(id))
            continue;
        int64_t now = read_real(id);
        c->first[id] = (clock_line){.real = now,
                                    .fake = now + (is_wall(id) ? c->options.offset : 0),
                                    .rate = fixed(c->options.rate),
                                    .wall = is_wall(id)};
        c->page->lines[id] = c->first[id];
    }
    c->page->magic = CLOCK_PAGE_MAGIC;
    c->page->generation = 1;
    c->page->scales_waits = c->options.rate_may_change || c->options.rate != 1;
}

static bool make_page(clock_control *c, error *e)
{
    int fd = open(c->options.page, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(e, c->options.page, "cannot be made");
    /* Programs may change their user before they start others; the umask must not matter. */
    bool fine = fchmod(fd, 0666) == 0 && ftruncate(fd, CLOCK_PAGE_SIZE) == 0 &&
                realpath(c->options.page, c->path) != NULL;
    void *page =
        fine ? mmap(NULL, CLOCK_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (page == MAP_FAILED)
        error_errno(e, c->options.page, "cannot be mapped");
    else
        c->page = page;
    close(fd);
    return page != MAP_FAILED;
}

/* --- life --- */

static bool choose_way(clock_control *c, error *e)
{
    static const clock_way ways[] = {CLOCK_BY_VDSO, CLOCK_BY_FAKETIME};
    error reasons[2] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        if (c->options.way != CLOCK_BY_PROBE && c->options.way != ways[i])
            continue;
        c->way = ways[i];
        if (way_prepare(c->way, c->path, &c->options, &c->parts, &reasons[i]) &&
            way_works(c, &reasons[i]))
            return true;
    }
    const char *first = reasons[0].kind != ERROR_NONE ? reasons[0].text : "not asked for";
    const char *second = reasons[1].kind != ERROR_NONE ? reasons[1].text : "not asked for";
    return error_set(e, ERROR_UNABLE, "clock",
                     "cannot be changed here; vDSO patch: %.180s; libfaketime: %.180s", first,
                     second);
}

clock_control *clock_open(const clock_options *options, error *e)
{
    clock_control *c = memory_zeroed(1, sizeof *c);
    CHECK(options->rate >= CLOCK_RATE_LEAST && options->rate <= CLOCK_RATE_MOST);
    c->options = *options;
    if (!make_page(c, e)) {
        free(c);
        return NULL;
    }
    set_first_lines(c);
    if (choose_way(c, e))
        return c;
    clock_close(c);
    return NULL;
}

void clock_close(clock_control *c)
{
    if (c == NULL)
        return;
    unlink(c->path);
    munmap(c->page, CLOCK_PAGE_SIZE);
    free(c);
}

clock_way clock_chosen(const clock_control *c)
{
    return c->way;
}

double clock_rate(const clock_control *c)
{
    return c->options.rate;
}

int64_t clock_offset(const clock_control *c)
{
    return c->options.offset;
}

const char *clock_program(const clock_control *c)
{
    return c->parts.program;
}

const char *const *clock_prefix(const clock_control *c)
{
    return (const char *const *)c->parts.prefix;
}

const char *const *clock_environment(const clock_control *c)
{
    return (const char *const *)c->parts.environment;
}

/* libfaketime's shared memory and its lock. */
bool clock_leftover(const clock_control *c, pid_t pid, unsigned index, char *path, size_t size)
{
    static const char *const names[] = {"faketime_shm_", "sem.faketime_sem_"};
    if (clock_chosen(c) != CLOCK_BY_FAKETIME || index >= sizeof names / sizeof names[0])
        return false;
    snprintf(path, size, "/dev/shm/%s%d", names[index], (int)pid);
    return true;
}

void clock_program_ended(const clock_control *c, pid_t pid)
{
    char path[64];
    for (unsigned i = 0; clock_leftover(c, pid, i, path, sizeof path); i++)
        unlink(path);
}

/* --- changes --- */

static bool fits(const clock_control *c, const clock_change *change, error *e)
{
    if (c->way != CLOCK_BY_VDSO)
        return error_set(e, ERROR_UNABLE, "clock",
                         "%s cannot change the clock of a running program; that takes x86-64 and "
                         "ptrace (docker: --cap-add SYS_PTRACE)",
                         clock_way_name(c->way));
    if (change->rate > 0 && c->page->scales_waits == 0)
        return error_set(e, ERROR_INTERNAL, "clock", "the waits were not followed from the start");
    for (size_t i = 0; i < CLOCK_CHANGES_MOST; i++) {
        const clock_change *one = &c->changes[i];
        if (c->used[i] &&
            ((one->rate > 0 && change->rate > 0) || (one->drift != 0 && change->drift != 0) ||
             (one->strobe_half > 0 && change->strobe_half > 0)))
            return error_set(e, ERROR_LIMIT, "clock",
                             "one rate, one drift and one strobe at a time");
    }
    return true;
}

int clock_begin(clock_control *c, const clock_change *change, error *e)
{
    if (!fits(c, change, e))
        return -1;
    for (int i = 0; i < CLOCK_CHANGES_MOST; i++) {
        if (c->used[i])
            continue;
        c->used[i] = true;
        c->changes[i] = *change;
        apply(c);
        c->seen[i] = 0;
        return i;
    }
    error_set(e, ERROR_LIMIT, "clock", "more than %d changes at once", CLOCK_CHANGES_MOST);
    return -1;
}

void clock_end(clock_control *c, int number)
{
    CHECK(c->used[number]);
    c->used[number] = false;
    apply(c);
}

unsigned clock_seen(const clock_control *c, int number)
{
    return c->seen[number] | seen_now(c->page);
}

uint64_t clock_programs(const clock_control *c)
{
    return atomic_load(&c->page->programs);
}

uint64_t clock_missed(const clock_control *c)
{
    return atomic_load(&c->page->missed);
}

uint64_t clock_waits(const clock_control *c)
{
    return atomic_load(&c->page->waits);
}
