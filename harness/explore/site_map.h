/* The fault-site map: which storage operations a story and its recovery reach, which faults struck
 * them there, and how often the server came out of it with nothing violated. */
#ifndef ORDEAL_EXPLORE_SITE_MAP_H
#define ORDEAL_EXPLORE_SITE_MAP_H

#include <jansson.h>

#include "base/json_writer.h"
#include "explore/story.h"

#define SITE_KINDS_MOST 32
#define SITE_NAME_SIZE  40

typedef struct {
    uint64_t injected;
    uint64_t survived;
} site;

typedef struct {
    char kinds[SITE_KINDS_MOST][SITE_NAME_SIZE]; /* "EIO once" */
    size_t kind_count;
    uint64_t reached[PHASES][STORAGE_OPERATIONS]; /* without any fault */
    uint64_t most[PHASES][STORAGE_OPERATIONS];    /* in one telling with one fault */
    site sites[SITE_KINDS_MOST][PHASES][STORAGE_OPERATIONS];
} site_map;

/* One more telling with a fault of this kind. */
void site_map_add(site_map *m, size_t kind, const story_end *end);
void site_map_print(const site_map *m);
/* A key "map" in the object under way, and back. */
void site_map_write(const site_map *m, json_writer *w);
bool site_map_read(site_map *m, const json_t *in);
const char *story_phase_name(story_phase phase);

#endif
