/* A scenario and its target as typed values: everything that a run needs to know, all of it
 * checked.
 *
 * Loading is file -> tree (yaml/document.h) -> extends -> --set -> typed values. Nothing is started
 * before all of it stands. Texts and arrays live in the scenario's arena. */
#ifndef ORDEAL_PLAN_SCENARIO_H
#define ORDEAL_PLAN_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/parameters.h"
#include "behaviours/behaviour.h"
#include "chaos/fault.h"
#include "drivers/driver.h"
#include "engine/arrival.h"
#include "engine/auth.h"
#include "engine/sizes.h"
#include "judges/judge.h"
#include "plan/threshold.h"
#include "yaml/document.h"

#define SCENARIO_CLIENTS_MOST 20000
#define SCENARIO_KEYS_MOST    2000000

typedef struct {
    const char *name;
    const char *file;
    const driver *driver;
    const char **command; /* ends in NULL; NULL for a server known by its URL */
    const char **environment;
    const char *url; /* with {port}; where names live */
    const char *ready_path;
    bool ready_by_any_answer; /* no `ready` was given */
    const char *ready_url;    /* with {port} */
    const char *root;         /* of `url`, below the address that the file gives: a bucket, or "" */
    const char *needs;        /* the program, in the PATH, or a file; NULL: not told */
    const char **install;     /* brings it; ends in NULL; NULL: not told */
    auth auth;
    const char *secret_given; /* as the file has it: "$NAME" for one of the environment */
    const char *port_line;
    uint64_t ready_within;
    uint64_t stop_within;
    unsigned capabilities; /* of driver_capability; what the driver can do and the target has */
    uint64_t memory_limit; /* 0: none */
    uint64_t pid;          /* of a server that runs already, to be sampled; 0: not told */
} target_description;

typedef struct {
    const char *name; /* defaults to the behaviour's */
    const behaviour *behaviour;
    uint64_t count;
    arrival *stages; /* at least one, each after the one before */
    size_t stage_count;
    bool staged; /* the scenario says `stages` */
    parameter_value values[PARAMETERS_MOST];
    uint64_t from;  /* joins the load this long after its start */
    uint64_t until; /* leaves then; 0: stays */
    unsigned line;
} client_group;

typedef struct {
    uint64_t at;
    uint64_t until_at; /* `at` is drawn between the two; equal: exactly then */
    uint64_t length;
    uint64_t every; /* 0: once */
    bool optional;  /* where the machine cannot, the run is still valid */
    fault fault;
    unsigned line;
} planned_fault;

typedef struct {
    const judge *judge;
    parameter_value values[PARAMETERS_MOST];
} planned_invariant;

typedef struct {
    uint64_t keys; /* shared by all clients */
    uint64_t keys_per_client;
    double zipf; /* 0: uniform */
    bool awkward_names;
    const char **paths; /* the first of the shared names; NULL: none are given */
    size_t path_count;
    size_mixture sizes;
} data_shape;

typedef struct {
    arena *memory;
    node *tree; /* as resolved: goes into run.json and can be loaded again */
    const char *file;
    const char *name;
    const char *story;
    uint64_t seed;
    uint64_t duration;
    uint64_t quiet; /* the target must be steady again within this after the last fault */
    uint64_t idle;  /* nothing is asked for so long at the end, for what ends by a time-out */
    uint64_t operation_timeout;
    bool record_storage; /* keep the operation log and the first disk for `ordeal crash` */
    double clock_rate;   /* of the target, and of the load with it */
    int64_t clock_offset;
    unsigned clock_way; /* of chaos/clock/clock.h */
    data_shape data;
    target_description target;
    client_group *groups;
    size_t group_count;
    planned_fault *faults;
    size_t fault_count;
    planned_invariant *invariants;
    size_t invariant_count;
    threshold *thresholds;
    size_t threshold_count;
} scenario;

typedef struct {
    const char *file;        /* of the scenario, or a bare name looked up in the scenario folders */
    const char *target;      /* overrides the scenario's; NULL: keep */
    const char *const *sets; /* --set assignments */
    size_t set_count;
    bool has_seed;
    uint64_t seed;
} scenario_request;

#define SCENARIO_NAME_RULE                                                                         \
    "up to 64 letters, digits, '-', '_' or '.', none of '-' and '.' first, as it names the run's " \
    "folder"
bool scenario_name_fits(const char *name);
/* NULL on error; ERROR_USAGE with the place file:line. */
scenario *scenario_load(const scenario_request *request, error *e);
/* Loads what node_write_json wrote into run.json. */
scenario *scenario_from_json(const char *name, const char *json, size_t length, error *e);
void scenario_free(scenario *s);

/* How long scenario time takes for real: with the target's clock accelerated, its load is too. */
uint64_t scenario_real(const scenario *s, uint64_t nanoseconds);
/* And how much of it passes while so much does for real. */
uint64_t scenario_passed(const scenario *s, uint64_t nanoseconds);
uint64_t scenario_client_count(const scenario *s);
/* What faults need in place before the target starts: fault_need bits. */
unsigned scenario_needs(const scenario *s);

#endif
