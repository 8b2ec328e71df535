#include "base/timing.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/check.h"

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

uint64_t timing_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t timing_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

void timing_sleep(uint64_t nanoseconds)
{
    struct timespec left = {
        .tv_sec = (time_t)(nanoseconds / NANOSECONDS_PER_SECOND),
        .tv_nsec = (long)(nanoseconds % NANOSECONDS_PER_SECOND),
    };
    while (nanosleep(&left, &left) != 0)
        CHECK(errno == EINTR);
}

char *timing_wall_text(uint64_t wall, char text[32])
{
    time_t seconds = (time_t)(wall / NANOSECONDS_PER_SECOND);
    struct tm parts;
    CHECK(gmtime_r(&seconds, &parts) != NULL);
    size_t used = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, 32 - used, ".%03uZ", (unsigned)(wall / 1000000 % 1000));
    return text;
}
