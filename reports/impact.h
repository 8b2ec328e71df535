/* Whom a failed run hit, and how much: counted over the history. */
#ifndef ORDEAL_REPORTS_IMPACT_H
#define ORDEAL_REPORTS_IMPACT_H

#include <stdint.h>

#include "history/record.h"

typedef struct {
    uint64_t operations; /* not ok, conditions that did not hold left out */
    uint64_t clients;    /* that made them */
    uint64_t bytes;      /* that these carried or should have brought */
    uint64_t unknown;    /* writes of which nobody knows whether they took effect */
    uint64_t all_clients;
    unsigned char *marks; /* by client: seen, hit */
} impact;

impact impact_begin(void);
void impact_take(impact *i, const history_record *operation);
void impact_end(impact *i); /* releases the marks; the counts stay */

#endif
