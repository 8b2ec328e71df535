/* Gives a program that has just been executed the clock: maps the page, a copy of the routines and
 * some scratch memory into it, and points the names in its vDSO at the routines.
 *
 * Must be called at the program's exec stop: nobody has looked the names up yet. What it forks
 * inherits all of it. */
#ifndef ORDEAL_CHAOS_CLOCK_INSTALL_H
#define ORDEAL_CHAOS_CLOCK_INSTALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* From the beginning of the mapping of the clock's page. */
#define INSTALL_SCRATCH_AT 8192
#define INSTALL_SLOT_SIZE  64
#define INSTALL_SLOTS      4096

/* False: the program runs on with the real clock. A signal that came meanwhile is left in *held. */
bool install_clock(pid_t pid, const char *page_path, int *held);
/* Where the clock's page is in a program; 0: nowhere. */
uintptr_t install_find(pid_t pid, const char *page_path);

#endif
