/* Trials: one scenario against one server with one seed, each as an `ordeal run` of its own, some
 * of them side by side. What came of one is read from the run's summary.json. */
#ifndef ORDEAL_INCIDENTS_TRIAL_H
#define ORDEAL_INCIDENTS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "incidents/catalogue.h"

#define TRIAL_PATH_SIZE   1024
#define TRIAL_BROKEN_MOST 8

typedef struct {
    const judge *judge;
    double seconds; /* from the begin of the load until the violation could be seen */
} broken_invariant;

typedef struct {
    /* What to do. */
    const incident *defect;   /* that the server has; NULL: none */
    const incident *scenario; /* whose scenario is run */
    const char *program;      /* the server */
    uint64_t seed;
    char folder[TRIAL_PATH_SIZE]; /* of this trial alone; the run's directory is made in it */
    /* What came of it. */
    pid_t pid;
    bool told;                       /* its owner was told; not so when it was interrupted */
    int exit_code;                   /* of `ordeal run` */
    char directory[TRIAL_PATH_SIZE]; /* of the run; "" when there is none */
    char verdict[16];                /* "none" when there is none */
    char trouble[320];               /* why it is invalid or has no verdict */
    bool skipped;                    /* this machine lacks what it needs; `trouble` says what */
    broken_invariant broken[TRIAL_BROKEN_MOST];
    size_t broken_count;
} trial;

typedef void (*trial_ended)(void *owner, const trial *t);

/* Carries out all of them, at most `at_once` at a time, and tells of each. ERROR_INTERRUPT when
 * asked to stop: then those under way are told to end, and the rest is left out. */
bool trials_run(trial *trials, size_t count, unsigned at_once, trial_ended ended, void *owner,
                error *e);
/* NULL unless that invariant was violated. */
const broken_invariant *trial_broke(const trial *t, const judge *invariant);

#endif
