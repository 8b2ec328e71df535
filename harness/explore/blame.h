/* Which missing sync, or which order, is to blame for a bad disk: gives back what the disk lacks,
 * part by part, and asks each time whether the server still loses; what it still loses without
 * everything else given back is to blame. If it loses even with nothing missing, the order of the
 * operations is. */
#ifndef ORDEAL_EXPLORE_BLAME_H
#define ORDEAL_EXPLORE_BLAME_H

#include "explore/trial.h"

#define BLAME_OPERATIONS_MOST 3
#define BLAME_TRIALS_MOST     60

typedef struct {
    uint64_t operations[BLAME_OPERATIONS_MOST]; /* ascending; none: the order is to blame */
    size_t count;
    char sentence[1000];
} blame;

/* `disk` is known to be bad at the replay's cut. */
bool blame_find(trial *t, const replay_disk *disk, uint64_t cut, blame *out, error *e);

#endif
