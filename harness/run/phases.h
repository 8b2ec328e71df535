/* The two phases of a run: the load, and what follows when it is over: the quiet period in which
 * the target has to come back, the final reads and the idle time. */
#ifndef ORDEAL_RUN_PHASES_H
#define ORDEAL_RUN_PHASES_H

#include "run/running.h"

bool phase_load(running *r, nemesis *n, error *e);
/* Also true when the target did not come back, which the history then says. */
bool phase_end(running *r, nemesis *n, error *e);

#endif
