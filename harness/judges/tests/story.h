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
 * returns its value. Parts go before it, with the same client and sequence and, unless given,
 * times. */
uint64_t story_operation(story *s, history_record r, const history_record *parts, size_t count);
/* An operation on a name, with whatever `more` says of it. */
uint64_t story_do(story *s, operation_type type, const char *key, history_record more,
                  uint64_t from, uint64_t to);
uint64_t story_put(story *s, const char *key, uint64_t from, uint64_t to);
uint64_t story_put_as(story *s, const char *key, uint64_t from, uint64_t to, outcome how);
void story_get(story *s, const char *key, uint64_t value, uint64_t from, uint64_t to);
void story_find_nothing(story *s, const char *key, uint64_t from, uint64_t to);
void story_delete(story *s, const char *key, uint64_t from, uint64_t to);
void story_delete_as(story *s, const char *key, uint64_t from, uint64_t to, outcome how);
/* An answer with an error status and this code. */
void story_refuse(story *s, operation_type type, const char *key, unsigned status, const char *code,
                  uint64_t from);
/* One batch of moves: pairs of names, `from` and `to` in turn; versions made at the ends from 1. */
typedef struct {
    const char *from;
    const char *to;
    uint32_t version;
} story_pair;
void story_move(story *s, const story_pair *pairs, size_t count, uint64_t from, uint64_t to,
                outcome how);
/* A complete listing of what begins with `prefix`, each of `size` bytes. */
void story_list(story *s, const char *prefix, const char *const *names, size_t count, uint64_t from,
                uint8_t flags);
void story_event(story *s, event_type type, uint64_t at);
void story_exit(story *s, uint64_t at, bool planned, int wait_status);
/* The target is killed as planned, and starts again. */
void story_restart(story *s, uint64_t at);
/* A fault that is on from `from` to `to`. */
void story_fault(story *s, uint64_t from, uint64_t to);
void story_fault_named(story *s, const char *name, uint64_t from, uint64_t to);
void story_sample(story *s, history_record r);
void story_count(story *s, uint64_t operations, unsigned status, uint64_t answers);
/* What the target logged; the run's seed is STORY_SEED. */
#define STORY_SEED 7
void story_log(story *s, const char *text);
/* The finding stays valid until the next. `values` may be NULL. */
const judge_finding *story_judge(story *s, const char *judge, const parameter_value *values);
void story_expect(story *s, const char *judge, judge_answer wanted);

#endif
