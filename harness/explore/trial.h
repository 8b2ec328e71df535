/* One disk put to the test: built from the log, served by the scenario's target, read, and judged
 * against the past of the cut. */
#ifndef ORDEAL_EXPLORE_TRIAL_H
#define ORDEAL_EXPLORE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "chaos/storage/replay.h"
#include "explore/past.h"
#include "explore/server.h"

#define TRIAL_NAMES_MOST 1000 /* names read on one disk, last changed first */

typedef struct {
    const scenario *scenario;
    replay *replay;
    past *past;
    char work[512]; /* for the disk, the history and target.log of one trial at a time */
    char disk[560];
    char history[560];
    server server;
    uint64_t servers; /* started so far */
} trial;

typedef struct {
    bool violated;
    char invariant[48];
    char sentence[400];
} trial_finding;

/* `work` is made; what an earlier exploration left in it goes. */
bool trial_prepare(trial *t, const scenario *s, replay *r, past *p, const char *work, error *e);
void trial_release(trial *t);
/* The disk at the replay's cut. What it leaves in `work` stays until the next. */
bool trial_run(trial *t, const replay_disk *disk, uint64_t cut, trial_finding *out, error *e);

#endif
