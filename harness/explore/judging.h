/* The judges that can say something about data after a crash or a fault, asked about a history that
 * lies in a file: durability and read-integrity always, and those of the scenario. Judges of time,
 * of errors and of the run as a whole are not asked: such a history has no load. */
#ifndef ORDEAL_EXPLORE_JUDGING_H
#define ORDEAL_EXPLORE_JUDGING_H

#include <stdbool.h>

#include "base/error.h"
#include "plan/scenario.h"

typedef struct {
    const judge *judge; /* NULL: nothing is violated */
    char sentence[400];
} judged;

bool judging_ask(const scenario *s, const char *history_path, judged *out, error *e);

#endif
