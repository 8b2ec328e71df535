/* A virtual client inside a fuzzer: it speaks through the harness's own driver, its operations are
 * recorded as in a run, and the run's judges can be asked. Exchanges go where the
 * __wrap_exchange_run that is linked sends them: nothing here has a network. */
#ifndef FUZZ_ACTOR_H
#define FUZZ_ACTOR_H

#include "client/client.h"

#define ACTOR_NAMES 4 /* names of one story */

/* A client with names of its own and a new history, which speaks by this driver. Only one at a
 * time. */
client *actor_begin(const driver *by);
/* The index of one of the story's names. */
size_t actor_name(const client *c, unsigned which);
/* Says in the history that storage fails from now on, or no longer does. */
void actor_mark_fault(client *c, const char *name, bool begins);
/* Closes the history. With `judged`, asks all judges that need no samples; none may find a
 * violation. */
void actor_end(client *c, bool judged);

#endif
