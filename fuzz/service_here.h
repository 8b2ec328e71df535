/* The reference server inside a fuzzer: opened at the first call, on a data directory in memory
 * that is removed at the process's end. */
#ifndef FUZZ_SERVICE_HERE_H
#define FUZZ_SERVICE_HERE_H

#include "request.h"

service *service_of_process(void);
/* Begins again with an empty data directory, so that a long campaign does not slow down. */
void service_renew(void);

#endif
