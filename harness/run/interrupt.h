/* SIGINT, SIGTERM and SIGHUP as a question that the run asks: has somebody told us to stop? */
#ifndef ORDEAL_RUN_INTERRUPT_H
#define ORDEAL_RUN_INTERRUPT_H

#include <stdbool.h>

void interrupt_listen(void);
bool interrupt_asked(void);

#endif
