/* Follows a program and all that it starts: each new program image gets the clock, each wait that
 * the filter stops is turned into real time. Everything followed dies with the tracer. */
#ifndef ORDEAL_CHAOS_CLOCK_TRACER_H
#define ORDEAL_CHAOS_CLOCK_TRACER_H

#include <stdbool.h>
#include <sys/types.h>

#include "chaos/clock/page.h"

/* False, with errno, when it may not. */
bool tracer_attach(pid_t pid);
/* Returns when nothing is left to follow. */
void tracer_follow(clock_page *page, const char *page_path);

#endif
