/* One operation on its way: what a driver fills while it speaks to the target. See
 * history/RECORDING.md. */
#ifndef ORDEAL_CLIENT_OPERATION_H
#define ORDEAL_CLIENT_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "engine/exchange.h"
#include "history/record.h"
#include "history/writer.h"

struct client;
typedef struct places places; /* client/places.h */

struct operation {
    struct client *client;
    history_record record;
    history_record *parts; /* grown on demand, up to HISTORY_GROUP_MOST - 1; the first is
                              PART_LOGGED while chaosfs logs */
    size_t part_count;
    size_t part_capacity;
    exchange_answer answer;
    exchange_field *wanted; /* of every answer from now on; the driver's */
    size_t wanted_count;
    char trace[56];
};

/* What a driver needs of the run. */
uint64_t operation_seed(const operation *o);
const char *operation_base_url(const operation *o);
uint64_t operation_timeout(const operation *o);
const char *operation_token(const operation *o); /* "" without account */
uint32_t operation_name(operation *o, const char *text);
places *operation_places(const operation *o);
/* By the clock of the record: for operations of several requests, or with a part that is none. */
uint64_t operation_now(const operation *o);

/* Sends the request with the operation's trace header, and takes times, status and failure into the
 * record. */
void operation_exchange(operation *o, exchange_request *request);
/* Fields of the answers to the exchanges that follow; NULL, 0: none any more. */
void operation_want(operation *o, exchange_field *fields, size_t count);
/* Adds a part; false when there are too many, which makes the operation malformed. */
bool operation_part(operation *o, history_record part);
/* Decides the outcome by the rules of DESIGN.md, and the error code of a refusal. Drivers call it
 * last, and change the record after it only to say more (ABSENT, content). */
void operation_conclude(operation *o);
/* Where 404 and 410 are answers like any other: makes such an operation ok with ABSENT, and says
 * whether it was one. */
bool operation_absent(operation *o);
/* A complete answer that breaks the API's form. */
void operation_malformed(operation *o, const char *sentence);

#endif
