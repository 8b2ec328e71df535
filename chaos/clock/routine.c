#include "chaos/clock/routine.h"

#include <string.h>

#include "base/check.h"

/* The linker names both ends of a section that is called like a C identifier. */
#define ROUTINE __attribute__((section("clock_routine"), noinline, used))
#define INLINE  static inline __attribute__((always_inline))

extern const unsigned char __start_clock_routine[];
extern const unsigned char __stop_clock_routine[];

#define NANOSECONDS 1000000000

INLINE const routine_head *own_head(void)
{
    uintptr_t here;
    __asm__("lea 0(%%rip), %0" : "=r"(here));
    return (const routine_head *)(here & ~(uintptr_t)(ROUTINE_PAGE - 1));
}

INLINE int64_t strobed(clock_page *page, const clock_line *line, int64_t real)
{
    if (page->strobe_half == 0)
        return 0;
    bool away = real >= line->real && (((real - line->real) / page->strobe_half) & 1) != 0;
    uint32_t phase = away ? 2 : 1;
    if ((page->phases_seen & phase) == 0)
        page->phases_seen |= phase;
    return away ? page->strobe_by : 0;
}

INLINE void note_seen(clock_page *page, const clock_line *line)
{
    uint32_t *seen = line->wall != 0 ? &page->wall_seen : &page->monotonic_seen;
    if (*seen != page->generation)
        *seen = page->generation;
}

/* The real clock is read between two looks at `sequence`: so no reading belongs to a line that had
 * already been replaced, and a slowed monotonic clock does not go back. */
INLINE int shown(const routine_head *own, clockid_t id, int64_t *fake)
{
    clock_page *page = own->page;
    const clock_line *line = &page->lines[id];
    for (;;) {
        struct timespec real;
        unsigned sequence = atomic_load_explicit(&page->sequence, memory_order_acquire);
        int result = own->gettime(id, &real);
        if (result != 0)
            return result;
        int64_t reading = real.tv_sec * NANOSECONDS + real.tv_nsec;
        *fake = line->rate == 0 ? reading : clock_shown(line, reading);
        if (line->wall != 0)
            *fake += strobed(page, line, reading);
        note_seen(page, line);
        atomic_thread_fence(memory_order_acquire);
        if ((sequence & 1) == 0 &&
            atomic_load_explicit(&page->sequence, memory_order_relaxed) == sequence)
            return 0;
        __builtin_ia32_pause();
    }
}

/* Division rounds towards zero; a wall clock before 1970 needs it downwards. */
INLINE struct timespec split(int64_t nanoseconds)
{
    struct timespec parts = {.tv_sec = nanoseconds / NANOSECONDS,
                             .tv_nsec = nanoseconds % NANOSECONDS};
    if (parts.tv_nsec < 0) {
        parts.tv_sec--;
        parts.tv_nsec += NANOSECONDS;
    }
    return parts;
}

ROUTINE static int routine_gettime(clockid_t id, struct timespec *out)
{
    const routine_head *own = own_head();
    int64_t fake;
    if ((unsigned)id >= CLOCK_IDS || own->page->lines[id].rate == 0)
        return own->gettime(id, out);
    int result = shown(own, id, &fake);
    if (result == 0)
        *out = split(fake);
    return result;
}

ROUTINE static int routine_gettimeofday(struct timeval *out, void *zone)
{
    const routine_head *own = own_head();
    int64_t fake;
    int result = zone != NULL || out == NULL ? own->gettimeofday(out, zone) : 0;
    if (result != 0 || out == NULL)
        return result;
    result = shown(own, CLOCK_REALTIME, &fake);
    if (result == 0) {
        struct timespec parts = split(fake);
        out->tv_sec = parts.tv_sec;
        out->tv_usec = parts.tv_nsec / 1000;
    }
    return result;
}

ROUTINE static time_t routine_time(time_t *out)
{
    int64_t fake;
    int result = shown(own_head(), CLOCK_REALTIME_COARSE, &fake);
    if (result != 0)
        return result;
    time_t seconds = split(fake).tv_sec;
    if (out != NULL)
        *out = seconds;
    return seconds;
}

static size_t place(uintptr_t function)
{
    return sizeof(routine_head) + (function - (uintptr_t)__start_clock_routine);
}

size_t routine_gettime_at(void)
{
    return place((uintptr_t)routine_gettime);
}

size_t routine_gettimeofday_at(void)
{
    return place((uintptr_t)routine_gettimeofday);
}

size_t routine_time_at(void)
{
    return place((uintptr_t)routine_time);
}

void routine_copy(unsigned char *image, const routine_head *head)
{
    size_t length = (uintptr_t)__stop_clock_routine - (uintptr_t)__start_clock_routine;
    CHECK(sizeof *head + length <= ROUTINE_PAGE);
    memset(image, 0, ROUTINE_PAGE);
    memcpy(image, head, sizeof *head);
    memcpy(image + sizeof *head, __start_clock_routine, length);
}
