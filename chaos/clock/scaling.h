/* One wait of one stopped thread: its time-out read, turned into real time in scratch memory, and
 * put back as it was when the call is over. */
#ifndef ORDEAL_CHAOS_CLOCK_SCALING_H
#define ORDEAL_CHAOS_CLOCK_SCALING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

#include "chaos/clock/page.h"
#include "chaos/clock/waits.h"

typedef struct {
    const wait_row *row;
    struct user_regs_struct before;
} scaled_wait;

/* At the call's entry. True: it was changed, and scaling_end is due at its end. `scratch` is
 * INSTALL_SLOT_SIZE bytes of the program's own memory that nobody else uses. */
bool scaling_begin(pid_t pid, const wait_row *row, clock_page *page, uintptr_t scratch,
                   scaled_wait *out);
void scaling_end(pid_t pid, const clock_page *page, const scaled_wait *w);

#endif
