/* A request story told to the scenario's server on a fresh disk under chaosfs, with one fault in it
 * and perhaps a second one in the recovery.
 *
 * A telling: empty disk, server, one quiet turn of every client, the fault armed, one turn of every
 * client again, the fault gone. A server that lives must then tell the story once more without a
 * complaint. It is killed, started again (here the second fault may strike), and every name is read
 * and judged. */
#ifndef ORDEAL_EXPLORE_STORY_H
#define ORDEAL_EXPLORE_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "chaos/storage/mount.h"
#include "explore/judging.h"
#include "explore/scratch.h"
#include "explore/server.h"

typedef enum { PHASE_STORY, PHASE_RECOVERY, PHASES } story_phase;

/* A client between its turns. */
typedef struct {
    const client_group *group;
    uint32_t number;
    uint32_t sequence;
    random_stream random;
    void *memory;
    char token[RESOURCE_SIZE];
} story_client;

typedef struct {
    const scenario *scenario;
    storage_mount *mount;
    server server;
    story_client *clients;
    size_t client_count;
    char history[600];
    uint64_t servers; /* started so far */
} story;

/* A rule without operations: no fault in that phase. A rule that never fires counts. */
typedef struct {
    storage_rule rules[PHASES];
} story_fault;

typedef struct {
    uint64_t seen[PHASES][STORAGE_OPERATIONS];
    uint64_t fired[PHASES][STORAGE_OPERATIONS];
    char invariant[48]; /* "": nothing is violated */
    char sentence[400];
} story_end;

/* ERROR_UNABLE without /dev/fuse. */
bool story_open(story *t, const scenario *s, const scratch *work, error *e);
bool story_tell(story *t, const story_fault *hurt, story_end *out, error *e);
bool story_close(story *t, error *e);

#endif
