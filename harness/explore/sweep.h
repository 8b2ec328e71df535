/* Walks a request story until no storage operation is left that did not fail: the 1st, 2nd, 3rd ...
 * once, and everything from there on; kill -9 right before and right after each; and each of these
 * disks with a second fault at the 1st, 2nd, 3rd ... operation of the recovery.
 *
 * Progress and findings are kept in sweep.json of `folder`, so that an interrupted sweep goes on
 * where it stopped. */
#ifndef ORDEAL_EXPLORE_SWEEP_H
#define ORDEAL_EXPLORE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "explore/site_map.h"

#define SWEEP_FINDINGS_MOST 20
#define SWEEP_ERRORS_MOST   6

typedef struct {
    int numbers[SWEEP_ERRORS_MOST]; /* errno */
    size_t count;
} sweep_errors;

typedef struct {
    sweep_errors errors;
    bool second;                /* second faults in the recovery too */
    sweep_errors second_errors; /* none given: `errors` */
    bool stop_at_first;
    bool fresh;
    bool quiet;
    const char *folder; /* made if need be */
} sweep_options;

/* Where the walk stands: the kind of fault, the operation of the story and of the recovery. */
typedef struct {
    uint64_t kind;
    uint64_t first;
    uint64_t second;
} sweep_place;

typedef struct {
    sweep_place place;
    char kind[SITE_NAME_SIZE];
    char operation[24]; /* the one that was hurt last */
    char invariant[48];
    char sentence[400];
} sweep_finding;

typedef struct {
    site_map map;
    sweep_place next;
    uint64_t tellings;
    uint64_t expected; /* tellings, as far as can be foreseen */
    uint64_t servers;
    uint64_t nanoseconds;
    uint64_t bad;
    sweep_finding findings[SWEEP_FINDINGS_MOST];
    size_t finding_count;
    bool finished;
    bool interrupted;
    bool resumed;
} sweep_report;

bool sweep_explore(const scenario *s, const sweep_options *options, sweep_report *out, error *e);

bool sweep_report_write(const sweep_report *r, const scenario *s, const char *path, error *e);
/* False when there is none that goes on: of another story, other faults, or finished. */
bool sweep_report_read(const char *path, const scenario *s, const site_map *kinds,
                       sweep_report *out);
void sweep_report_print(const sweep_report *r, const scenario *s);

/* "EIO,ENOSPC" */
bool sweep_errors_parse(const char *text, sweep_errors *out, error *e);
const char *sweep_error_name(int number);

#endif
