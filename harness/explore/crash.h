/* Explores what a power cut may leave of a recorded run: every cut (or a seeded sample) x models x
 * seeds, each distinct disk served and judged once.
 *
 * One pass forward over the log. What was found so far is kept in `folder` (crash.json, and
 * seen.bin with the disks already judged), so that an interrupted exploration goes on where it
 * stopped; a finished one, or one with other options, begins anew. */
#ifndef ORDEAL_EXPLORE_CRASH_H
#define ORDEAL_EXPLORE_CRASH_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/blame.h"

#define CRASH_FINDINGS_MOST 12 /* told one by one; more are only counted */

typedef struct {
    uint64_t cuts;  /* a sample of so many; 0: all */
    uint64_t seeds; /* disks of each cut and model that leaves a choice */
    uint64_t seed;  /* of the sample and the disks */
    bool models[REPLAY_MODELS];
    bool stop_at_first;
    bool fresh; /* forget an earlier exploration */
    bool quiet;
} crash_options;

typedef struct {
    uint64_t cut;
    uint64_t last_cut; /* with the same reason */
    replay_model model;
    uint64_t seed;
    uint64_t disks; /* that were bad for the same reason */
    char invariant[48];
    char sentence[400];
    blame blame;
} crash_finding;

typedef struct {
    crash_options options;
    uint64_t log_operations;
    uint64_t cuts;      /* to explore */
    uint64_t cuts_done; /* of these */
    uint64_t last_cut;
    uint64_t disks;          /* looked at */
    uint64_t disks_distinct; /* served and judged */
    uint64_t servers;        /* started, for blaming too */
    uint64_t judged_writes;  /* most acknowledged writes that a disk was held to */
    uint64_t bad_by_model[REPLAY_MODELS];
    uint64_t disks_by_model[REPLAY_MODELS];
    uint64_t nanoseconds;
    crash_finding findings[CRASH_FINDINGS_MOST];
    size_t finding_count;
    uint64_t bad_beyond; /* bad disks behind those */
    bool interrupted;
    bool resumed;
} crash_report;

/* `run` is the recorded run's directory. */
bool crash_explore(const scenario *s, const history *h, const char *run,
                   const crash_options *options, crash_report *out, error *e);

uint64_t crash_bad(const crash_report *report);

/* The state between two sittings, and the result: crash.json. */
bool crash_report_write(const crash_report *report, const char *path, error *e);
/* False when there is none, or none that goes on under these options. */
bool crash_report_read(const char *path, const crash_options *options, crash_report *out);
void crash_report_print(const crash_report *report, const char *run);

#endif
