/* The small program of the probes: for each line "r" it tells its wall and its monotonic clock, for
 * each "s" it first sleeps for 100 ms of its own time. Returns at the end of its input. */
#ifndef ORDEAL_CHAOS_CLOCK_TELL_H
#define ORDEAL_CHAOS_CLOCK_TELL_H

int clock_tell(void);

#endif
