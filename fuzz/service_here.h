/* The reference server inside a fuzzer: each kind is opened at the first call, on a data directory
 * in memory that is removed at the process's end. */
#ifndef FUZZ_SERVICE_HERE_H
#define FUZZ_SERVICE_HERE_H

#include "request.h"

#define SERVICE_ADMIN       "the-admin" /* --admin-token of the one with accounts */
#define SERVICE_UPLOAD_LIFE 60          /* seconds */
#define SERVICE_TOKEN_LIFE  3600        /* seconds */

typedef enum { SERVICE_OPEN, SERVICE_ACCOUNTS, SERVICE_KINDS } service_kind;

service *service_of_process(service_kind kind);
uint16_t service_port(service_kind kind); /* for wire_ask */
/* The same data after an orderly end and a new start; false: it is down because it could not start,
 * and its next use starts it. */
bool service_restart(service_kind kind);
/* All begin again with empty data directories, so that a long campaign does not slow down, and the
 * clocks at their first times; with LeakSanitizer there must be no leak since the last time. */
void service_renew(void);
/* How often they began so: 1 at first. */
unsigned service_lives(void);
/* How many sessions have a file. */
unsigned service_upload_files(service_kind kind);

#endif
