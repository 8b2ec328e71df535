/* A small language for histories in tests: each call adds one record; story_judge writes them and
 * asks a judge. Times are in milliseconds. */
#ifndef ORDEAL_JUDGES_TESTS_STORIES_H
#define ORDEAL_JUDGES_TESTS_STORIES_H

#include "judges/judge.h"

#define STORY_MOST 256

typedef struct {
    history_record records[STORY_MOST];
    const char *keys[STORY_MOST];
    size_t count;
    uint32_t sequences[16];
} story;

/* Returns the record, for more to be said; its value is value_of(client, sequence) for writes. */
history_record *story_put(story *s, uint32_t who, const char *key, uint64_t invoke, uint64_t finish,
                          outcome how);
history_record *story_delete(story *s, uint32_t who, const char *key, uint64_t invoke,
                             uint64_t finish, outcome how);
history_record *story_get(story *s, uint32_t who, const char *key, uint64_t invoke, uint64_t finish,
                          uint64_t value);
history_record *story_missing(story *s, uint32_t who, const char *key, uint64_t invoke,
                              uint64_t finish);
history_record *story_event(story *s, event_type type, uint64_t at);
/* Exit and start of the target. */
void story_kill(story *s, uint64_t at);
judge_finding story_judge(const story *s, const char *judge_name);

#endif
