/* What a scenario and its seed determine before anything runs: every client, every fault's moments,
 * every bound.
 *
 * Same scenario and seed, same plan, to the byte of its print. Owned by the caller; plan_free
 * releases it. */
#ifndef ORDEAL_PLAN_PLAN_H
#define ORDEAL_PLAN_PLAN_H

#include "base/buffer.h"
#include "plan/scenario.h"

typedef struct {
    uint64_t begin; /* nanoseconds since the load began */
    uint64_t end;
    size_t fault; /* index in scenario.faults */
    uint64_t seed;
} fault_moment;

typedef struct {
    uint32_t number; /* from 1, over all groups */
    size_t group;
} planned_client;

typedef struct {
    const scenario *scenario;
    planned_client *clients;
    size_t client_count;
    fault_moment *moments; /* by begin */
    size_t moment_count;
} plan;

plan *plan_make(const scenario *s);
void plan_free(plan *p);
random_stream plan_client_stream(const scenario *s, uint32_t number);
/* Intended starts come from a stream of their own, so that they are known before the run. */
random_stream plan_arrival_stream(const scenario *s, uint32_t number);
/* Intended starts of one open stage of a group, all its clients together. */
uint64_t plan_arrivals(const plan *p, size_t group, size_t stage);
void plan_print(const plan *p, buffer *out);

#endif
