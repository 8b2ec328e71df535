/* Small histories for tests of judges, told operation by operation; times are milliseconds.
 *
 *     story *s = story_begin();
 *     uint64_t a = story_put(s, "k", 1, 2);
 *     story_get(s, "k", a, 3, 4);
 *     story_expect(s, "linearizable", ANSWER_HOLDS);   (ends and frees the story)
 */
#ifndef ORDEAL_JUDGES_TESTS_STORY_H
#define ORDEAL_JUDGES_TESTS_STORY_H

#include "history/record.h"
#include "judges/judge.h"

typedef struct story story;

#define MS(number) ((uint64_t)(number)*1000000)

story *story_begin(void);
uint32_t story_name(story *s, const char *text);
/* Fills client and sequence (unless given) and, for what RECORDING.md gives an own value, that;
 * returns its value. Parts go before it, with the same client and sequence. */
uint64_t story_operation(story *s, history_record r, const history_record *parts, size_t count);
uint64_t story_put(story *s, const char *key, uint64_t from, uint64_t to);
uint64_t story_put_as(story *s, const char *key, uint64_t from, uint64_t to, outcome how);
void story_get(story *s, const char *key, uint64_t value, uint64_t from, uint64_t to);
void story_find_nothing(story *s, const char *key, uint64_t from, uint64_t to);
void story_delete(story *s, const char *key, uint64_t from, uint64_t to);
void story_event(story *s, event_type type, uint64_t at);
void story_restart(story *s, uint64_t at);
void story_sample(story *s, history_record r);
void story_count(story *s, uint64_t operations, unsigned status, uint64_t answers);
/* What the target logged; the run's seed is STORY_SEED. */
#define STORY_SEED 7
void story_log(story *s, const char *text);
/* The finding stays valid until the next. `values` may be NULL. */
const judge_finding *story_judge(story *s, const char *judge, const parameter_value *values);
void story_expect(story *s, const char *judge, judge_answer wanted);

#endif
