/* What a person sees while a run goes on: one line that renews itself on a terminal, plain lines
 * elsewhere. */
#ifndef ORDEAL_RUN_PROGRESS_H
#define ORDEAL_RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool quiet;
    bool terminal;
    uint64_t last;      /* when a line was last shown */
    uint64_t last_done; /* and how many operations there were */
} progress;

typedef struct {
    const char *phase;
    uint64_t elapsed; /* of `length`, in whatever unit the phase has */
    uint64_t length;
    uint64_t done;
    uint64_t failed;
    uint64_t resident;
    const char *faults; /* active ones */
} progress_state;

progress progress_begin(bool quiet);
void progress_show(progress *p, const progress_state *state);
void progress_end(progress *p);

#endif
