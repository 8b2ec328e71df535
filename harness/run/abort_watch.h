/* Watches the thresholds that end a run as soon as they are broken.
 *
 * Counts every operation as it is recorded; nothing is judged here, the verdict has the history. */
#ifndef ORDEAL_RUN_ABORT_WATCH_H
#define ORDEAL_RUN_ABORT_WATCH_H

#include "history/record.h"
#include "plan/scenario.h"

typedef struct abort_watch abort_watch;

/* NULL when no threshold of the scenario ends the run. */
abort_watch *abort_watch_create(const scenario *s);
void abort_watch_free(abort_watch *w);
/* `owner` is the watch; from any thread. */
void abort_watch_see(void *owner, const history_record *r);
/* The first threshold that is broken now, `elapsed` nanoseconds after the load began, and its
 * figure; NULL: none. */
const threshold *abort_watch_broken(abort_watch *w, uint64_t elapsed, double *value);

#endif
