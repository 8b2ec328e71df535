/* Exchanges of the harness's drivers with the server in this process: the linker sends exchange_run
 * through here (see `WRAP` in CMakeLists.txt). Every answer is checked as talk.h says. */
#ifndef FUZZ_EXCHANGE_HERE_H
#define FUZZ_EXCHANGE_HERE_H

#include "engine/exchange.h"
#include "service_here.h"

/* From now on they go to this server. */
void exchange_here(service_kind kind);

void __wrap_exchange_run(loop_lane *lane, const exchange_request *wanted, exchange_answer *answer);

#endif
