/* Samples what the target and ordeal itself use, twice a second, into the history. */
#ifndef ORDEAL_RUN_RESOURCES_H
#define ORDEAL_RUN_RESOURCES_H

#include <stdint.h>
#include <sys/types.h>

#include "history/writer.h"
#include "target/sampler.h"

typedef struct resources resources;

/* Records in `slot` of the history. `own_bound`: bytes that ordeal itself may come to need. */
resources *resources_create(const char *data_directory, history_writer *w, unsigned slot,
                            uint64_t own_bound);
void resources_free(resources *r);
/* Does nothing when the last sample is young. `pid` is the root of the target's processes; 0: it is
 * down, or not ours to see. */
void resources_sample(resources *r, pid_t pid);
/* Samples now, however young the last sample is and however large the data directory: before and
 * after whatever is to be compared. */
void resources_take(resources *r, pid_t pid);
/* The target's last sample; all zero before the first. */
const resource_sample *resources_seen(const resources *r);

#endif
