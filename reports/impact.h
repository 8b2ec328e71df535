/* Whom a failed run hit, and how much: counted over the history. */
#ifndef ORDEAL_REPORTS_IMPACT_H
#define ORDEAL_REPORTS_IMPACT_H

#include <stdint.h>

#include "reports/facts.h"

typedef struct {
    uint64_t operations; /* not ok, conditions that did not hold left out */
    uint64_t clients;    /* that made them */
    uint64_t bytes;      /* that these carried or should have brought */
    uint64_t unknown;    /* writes of which nobody knows whether they took effect */
    uint64_t violations; /* over all invariants */
    uint64_t all_clients;
} impact;

impact impact_count(const verdict *v);

#endif
