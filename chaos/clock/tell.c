#include "chaos/clock/tell.h"

#include <stdio.h>
#include <time.h>

#include "base/timing.h"

static void tell_clocks(void)
{
    struct timespec wall;
    struct timespec monotonic;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    printf("%lld %lld\n", (long long)wall.tv_sec * 1000000000 + wall.tv_nsec,
           (long long)monotonic.tv_sec * 1000000000 + monotonic.tv_nsec);
    fflush(stdout);
}

int clock_tell(void)
{
    char line[8];
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (line[0] == 's')
            timing_sleep(100 * NANOSECONDS_PER_MILLISECOND);
        tell_clocks();
    }
    return 0;
}
