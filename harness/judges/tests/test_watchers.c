/* watch-exact. */
#include <criterion/criterion.h>

#include "story.h"

typedef struct {
    uint32_t version;
    uint64_t cursor;
} change;

static void told(story *s, uint64_t cursor, const change *changes, size_t count, uint64_t from)
{
    history_record parts[8] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_CHANGE,
                                    .key = story_name(s, "k"),
                                    .version = changes[i].version,
                                    .value = changes[i].cursor};
    story_operation(s,
                    (history_record){.type = OPERATION_CHANGES,
                                     .key = story_name(s, "watcher"),
                                     .expected = cursor,
                                     .invoke = MS(from),
                                     .finish = MS(from + 1)},
                    parts, count);
}

static void watched(const change *changes, size_t count, judge_answer wanted)
{
    story *s = story_begin();
    told(s, 0, NULL, 0, 1);
    story_do(s, OPERATION_PUT, "k", (history_record){.version = 1}, 3, 4);
    story_do(s, OPERATION_PUT, "k", (history_record){.version = 2}, 5, 6);
    told(s, 0, changes, count, 7);
    told(s, 9, NULL, 0, 9);
    story_expect(s, "watch-exact", wanted);
}

Test(watch_exact, every_change_once_and_in_order_holds_and_all_else_is_violated)
{
    watched((change[]){{1, 1}, {2, 2}}, 2, ANSWER_HOLDS);
    watched((change[]){{1, 1}}, 1, ANSWER_VIOLATED);
    watched((change[]){{1, 1}, {2, 2}, {2, 3}}, 3, ANSWER_VIOLATED);
    watched((change[]){{2, 1}, {1, 2}}, 2, ANSWER_VIOLATED);
    watched((change[]){{1, 2}, {2, 1}}, 2, ANSWER_VIOLATED);
}

/* One watcher that sees `events` of a story in which a file is put, deleted, moved and put again;
 * no empty answer ends it. */
static void followed(const history_record *events, size_t count, judge_answer wanted)
{
    story *s = story_begin();
    uint32_t file = story_name(s, "file");
    uint32_t other = story_name(s, "other");
    history_record parts[8] = {0};
    told(s, 0, NULL, 0, 1);
    story_do(s, OPERATION_PUT, "file", (history_record){.version = 1}, 3, 4);
    story_do(s, OPERATION_DELETE, "file", (history_record){0}, 5, 6);
    story_do(s, OPERATION_PUT, "file", (history_record){.version = 2}, 7, 8);
    history_record pair = {
        .type = PART_MOVE, .key = file, .detail = other, .version = 1, .status = 200};
    story_operation(s, (history_record){.type = OPERATION_MOVE, .invoke = MS(9), .finish = MS(10)},
                    &pair, 1);
    story_do(s, OPERATION_PUT, "file", (history_record){.version = 3}, 11, 12);
    for (size_t i = 0; i < count; i++) {
        parts[i] = events[i];
        parts[i].type = PART_CHANGE;
        parts[i].value = i + 1;
        parts[i].key = events[i].key == 1 ? file : other;
        parts[i].detail = story_name(s, events[i].status == 1 ? "delete" : "put");
        parts[i].status = 0;
    }
    story_operation(s,
                    (history_record){.type = OPERATION_CHANGES,
                                     .key = story_name(s, "watcher"),
                                     .invoke = MS(2),
                                     .finish = MS(13)},
                    parts, count);
    story_expect(s, "watch-exact", wanted);
}

#define WROTE(which, number) ((history_record){.key = which, .version = number})
#define GONE(which, number)  ((history_record){.key = which, .version = number, .status = 1})

Test(watch_exact, deletes_and_moves_are_due_like_all_other_changes)
{
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2),
                                WROTE(1, 3)},
             6, ANSWER_HOLDS);
    /* The last one was not told yet, which is no fault. */
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2)}, 5,
             ANSWER_HOLDS);
    followed((history_record[]){WROTE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1),
                                GONE(1, 2), WROTE(1, 3)},
             7, ANSWER_VIOLATED);
}
