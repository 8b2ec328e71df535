/* A memory cgroup (v1 or v2) that the target is launched in, so that a limit on it is the kernel's
 * own: what does not fit is reclaimed, and when nothing can be, a process is killed.
 *
 * It has no limit until one is set. Whoever creates it destroys it, after everything in it ended.
 */
#ifndef ORDEAL_CHAOS_PROCESS_MEMORY_GROUP_H
#define ORDEAL_CHAOS_PROCESS_MEMORY_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct memory_group memory_group;

/* ERROR_UNABLE where no cgroup with a memory controller can be made. */
memory_group *memory_group_create(error *e);
void memory_group_destroy(memory_group *g);
const char *memory_group_path(const memory_group *g);
/* In a child between fork and exec; only calls that are safe there. `group` may be NULL. */
void memory_group_join(void *group);

/* Bytes that cannot be reclaimed by dropping files from memory. */
uint64_t memory_group_used(const memory_group *g);
bool memory_group_limit(memory_group *g, uint64_t bytes, error *e);
bool memory_group_unlimit(memory_group *g, error *e);
/* How often the limit was reached, and how many processes the kernel killed for it. */
uint64_t memory_group_reached(const memory_group *g);
uint64_t memory_group_kills(const memory_group *g);

#endif
