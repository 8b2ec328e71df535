/* What programs under the clock run instead of the vDSO's own functions.
 *
 * Position-independent, without data, calls or sanitizers (see CMakeLists.txt), so that a copy of
 * its bytes works anywhere. The copy begins with a routine_head; the rest of it is one page at
 * most. */
#ifndef ORDEAL_CHAOS_CLOCK_ROUTINE_H
#define ORDEAL_CHAOS_CLOCK_ROUTINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "chaos/clock/page.h"

typedef int (*routine_gettime_call)(clockid_t id, struct timespec *out);
typedef int (*routine_gettimeofday_call)(struct timeval *out, void *zone);

/* At the beginning of the page that holds the copy. */
typedef struct {
    clock_page *page;
    routine_gettime_call gettime; /* the vDSO's own */
    routine_gettimeofday_call gettimeofday;
} routine_head;

#define ROUTINE_PAGE 4096

/* Fills a page with head and code. `image` has ROUTINE_PAGE bytes. */
void routine_copy(unsigned char *image, const routine_head *head);
/* Where in the page each one begins. */
size_t routine_gettime_at(void);
size_t routine_gettimeofday_at(void);
size_t routine_time_at(void);

#endif
