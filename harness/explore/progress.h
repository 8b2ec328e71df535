/* One line on standard error about how far an exploration is: redrawn in place on a terminal, a
 * plain line now and then elsewhere. */
#ifndef ORDEAL_EXPLORE_PROGRESS_H
#define ORDEAL_EXPLORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool quiet;
    uint64_t began;
    uint64_t shown; /* when last */
    bool drawn;     /* a line stands on the terminal */
} progress;

progress progress_begin(bool quiet);
/* Whether it is time for another line. */
bool progress_due(const progress *p);
/* `done` of `all` steps since progress_begin, of which `before` had been done earlier; `text` says
 * more. */
void progress_show(progress *p, const char *what, uint64_t done, uint64_t all, uint64_t before,
                   const char *text);
/* Clears the line. */
void progress_end(progress *p);

#endif
