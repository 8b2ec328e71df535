/* What each operation type is called and does; the table that plans, reports and judges share. */
#ifndef ORDEAL_HISTORY_OPERATIONS_H
#define ORDEAL_HISTORY_OPERATIONS_H

#include <stdbool.h>

#include "history/record.h"

typedef struct {
    const char *name; /* "put", as thresholds and reports say it */
    bool writes;      /* may change what others see: a lost answer makes the outcome unknown */
    const char *description; /* for `ordeal list operations` */
} operation_row;

const operation_row *operation_row_of(unsigned type);
/* OPERATION_NONE when there is none of that name. */
operation_type operation_named(const char *name);

const char *outcome_name(unsigned value);
const char *failure_name(unsigned value);
const char *event_name(unsigned value);
const char *part_name(unsigned value);
const char *fault_record_name(unsigned value);

#endif
