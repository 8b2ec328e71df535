/* What came of an operation, for the behaviour that made it. */
#ifndef ORDEAL_CLIENT_SEEN_H
#define ORDEAL_CLIENT_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "history/record.h"

/* What was seen by a read or made by a write. */
typedef struct {
    outcome outcome;
    bool absent;
    uint64_t value;
    uint64_t size;
    uint32_t version;
    unsigned status;
    char tag[TAG_SIZE];
} seen;

#endif
