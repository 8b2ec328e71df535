#include "stories.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timing.h"
#include "history/writer.h"
#include "judges/index.h"

static history_record *add(story *s, history_record r, const char *key)
{
    cr_assert_lt(s->count, STORY_MOST);
    s->keys[s->count] = key;
    s->records[s->count] = r;
    return &s->records[s->count++];
}

static history_record *operation(story *s, uint32_t who, operation_type type, const char *key,
                                 uint64_t invoke, uint64_t finish, outcome how)
{
    history_record r = {
        .kind = RECORD_OPERATION,
        .type = (uint8_t)type,
        .outcome = (uint8_t)how,
        .client = who,
        .sequence = ++s->sequences[who],
        .invoke = invoke * NANOSECONDS_PER_MILLISECOND,
        .finish = finish * NANOSECONDS_PER_MILLISECOND,
        .size = 4096,
        .status = how == OUTCOME_OK ? 200 : 0,
    };
    return add(s, r, key);
}

static history_record *writing(story *s, uint32_t who, operation_type type, const char *key,
                               uint64_t invoke, uint64_t finish, outcome how)
{
    history_record *r = operation(s, who, type, key, invoke, finish, how);
    r->value = value_of(r->client, r->sequence);
    return r;
}

history_record *story_put(story *s, uint32_t who, const char *key, uint64_t invoke, uint64_t finish,
                          outcome how)
{
    return writing(s, who, OPERATION_PUT, key, invoke, finish, how);
}

history_record *story_delete(story *s, uint32_t who, const char *key, uint64_t invoke,
                             uint64_t finish, outcome how)
{
    return writing(s, who, OPERATION_DELETE, key, invoke, finish, how);
}

history_record *story_get(story *s, uint32_t who, const char *key, uint64_t invoke, uint64_t finish,
                          uint64_t value)
{
    history_record *r = operation(s, who, OPERATION_GET, key, invoke, finish, OUTCOME_OK);
    r->value = value;
    return r;
}

history_record *story_missing(story *s, uint32_t who, const char *key, uint64_t invoke,
                              uint64_t finish)
{
    history_record *r = operation(s, who, OPERATION_GET, key, invoke, finish, OUTCOME_OK);
    r->flags = FLAG_ABSENT;
    r->size = 0;
    r->status = 404;
    return r;
}

history_record *story_event(story *s, event_type type, uint64_t at)
{
    history_record r = {.kind = RECORD_EVENT,
                        .type = (uint8_t)type,
                        .invoke = at * NANOSECONDS_PER_MILLISECOND,
                        .finish = at * NANOSECONDS_PER_MILLISECOND};
    return add(s, r, "");
}

void story_kill(story *s, uint64_t at)
{
    history_record *exit = story_event(s, EVENT_TARGET_EXIT, at);
    exit->value = 9;
    exit->status = 1;
    story_event(s, EVENT_TARGET_START, at + 1);
}

judge_finding story_judge(const story *s, const char *judge_name)
{
    error e = {0};
    char path[] = "/tmp/ordeal-story.XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    unlink(path);
    history_writer *w = history_create(path, 1, &e);
    for (size_t i = 0; i < s->count; i++) {
        history_record r = s->records[i];
        r.key = history_name(w, s->keys[i], strlen(s->keys[i]));
        history_append(w, 0, &r);
    }
    cr_assert(history_close(w, &e), "%s", e.text);
    history *h = history_open(path, &e);
    unlink(path);
    cr_assert(h != NULL && history_complete(h));
    history_index *x = history_index_build(h);
    const judge *j = judge_named(judge_name);
    cr_assert_not_null(j);
    judge_input in = {.history = h, .index = x};
    judge_finding finding = {.answer = ANSWER_NOT_PROVEN};
    j->examine(&in, &finding);
    history_index_free(x);
    history_free(h);
    return finding;
}
