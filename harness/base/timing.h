/* The one monotonic clock of a process, in nanoseconds. Wall time only for people and for files. */
#ifndef ORDEAL_BASE_TIMING_H
#define ORDEAL_BASE_TIMING_H

#include <stddef.h>
#include <stdint.h>

#define NANOSECONDS_PER_SECOND      ((uint64_t)1000000000)
#define NANOSECONDS_PER_MILLISECOND ((uint64_t)1000000)

uint64_t timing_now(void);
uint64_t timing_wall(void);
void timing_sleep(uint64_t nanoseconds);
/* "2026-02-15T14:03:09.123Z"; `text` needs 32 bytes. Returns `text`. */
char *timing_wall_text(uint64_t wall, char text[32]);

#endif
