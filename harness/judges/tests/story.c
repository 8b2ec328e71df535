#include "story.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "history/writer.h"
#include "judges/index.h"

struct story {
    history_writer *writer;
    char folder[64];
    char path[96];
    char log[96]; /* "": none */
    uint32_t sequence;
    uint64_t faults;
};

story *story_begin(void)
{
    story *s = memory_zeroed(1, sizeof *s);
    error e = {0};
    snprintf(s->folder, sizeof s->folder, "/tmp/ordeal-story-XXXXXX");
    cr_assert(mkdtemp(s->folder) != NULL);
    snprintf(s->path, sizeof s->path, "%s/history.bin", s->folder);
    s->writer = history_create(s->path, 1, &e);
    cr_assert(s->writer != NULL, "%s", e.text);
    return s;
}

uint32_t story_name(story *s, const char *text)
{
    return history_name(s->writer, text, strlen(text));
}

static bool has_own_value(const history_record *r)
{
    return r->type == OPERATION_PUT || r->type == OPERATION_DELETE ||
           r->type == OPERATION_RESTORE || r->type == OPERATION_MOVE ||
           r->type == OPERATION_UPLOAD_CREATE || r->type == OPERATION_SHARE_CREATE ||
           r->type == OPERATION_SHARE_DELETE || r->type == OPERATION_CHANNEL_APPEND;
}

uint64_t story_operation(story *s, history_record r, const history_record *parts, size_t count)
{
    r.kind = RECORD_OPERATION;
    r.client = r.client != 0 ? r.client : 1;
    if (r.sequence == 0)
        r.sequence = ++s->sequence;
    if (has_own_value(&r))
        r.value = value_of(r.client, r.sequence);
    history_record group[64];
    cr_assert(count <= 64);
    for (size_t i = 0; i < count; i++) {
        group[i] = parts[i];
        group[i].kind = RECORD_PART;
        group[i].client = r.client;
        group[i].sequence = r.sequence;
        if (group[i].finish > 0)
            continue;
        group[i].invoke = r.invoke;
        group[i].finish = r.finish;
    }
    history_append_group(s->writer, 0, group, count, &r);
    return r.value;
}

uint64_t story_do(story *s, operation_type type, const char *key, history_record more,
                  uint64_t from, uint64_t to)
{
    more.type = (uint8_t)type;
    more.key = story_name(s, key);
    more.invoke = MS(from);
    more.finish = MS(to);
    return story_operation(s, more, NULL, 0);
}

uint64_t story_put_as(story *s, const char *key, uint64_t from, uint64_t to, outcome how)
{
    return story_do(s, OPERATION_PUT, key, (history_record){.outcome = (uint8_t)how, .size = 100},
                    from, to);
}

uint64_t story_put(story *s, const char *key, uint64_t from, uint64_t to)
{
    return story_put_as(s, key, from, to, OUTCOME_OK);
}

void story_get(story *s, const char *key, uint64_t value, uint64_t from, uint64_t to)
{
    story_do(s, OPERATION_GET, key,
             (history_record){
                 .value = value, .flags = value == 0 ? FLAG_ABSENT : 0, .size = 100, .status = 200},
             from, to);
}

void story_find_nothing(story *s, const char *key, uint64_t from, uint64_t to)
{
    story_get(s, key, 0, from, to);
}

void story_delete_as(story *s, const char *key, uint64_t from, uint64_t to, outcome how)
{
    story_do(s, OPERATION_DELETE, key, (history_record){.outcome = (uint8_t)how}, from, to);
}

void story_delete(story *s, const char *key, uint64_t from, uint64_t to)
{
    story_delete_as(s, key, from, to, OUTCOME_OK);
}

void story_refuse(story *s, operation_type type, const char *key, unsigned status, const char *code,
                  uint64_t from)
{
    story_do(s, type, key,
             (history_record){.outcome = OUTCOME_FAILED,
                              .failure = FAILURE_STATUS,
                              .status = (uint16_t)status,
                              .detail = story_name(s, code)},
             from, from + 1);
}

void story_move(story *s, const story_pair *pairs, size_t count, uint64_t from, uint64_t to,
                outcome how)
{
    history_record parts[8] = {0};
    cr_assert(count <= 8);
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_MOVE,
                                    .key = story_name(s, pairs[i].from),
                                    .detail = story_name(s, pairs[i].to),
                                    .version = pairs[i].version};
    story_operation(s,
                    (history_record){.type = OPERATION_MOVE,
                                     .flags = FLAG_ATOMIC,
                                     .invoke = MS(from),
                                     .finish = MS(to),
                                     .outcome = (uint8_t)how},
                    parts, count);
}

void story_list(story *s, const char *prefix, const char *const *names, size_t count, uint64_t from,
                uint8_t flags)
{
    history_record parts[8] = {0};
    cr_assert(count <= 8);
    for (size_t i = 0; i < count; i++)
        parts[i] =
            (history_record){.type = PART_ENTRY, .key = story_name(s, names[i]), .size = 100};
    story_operation(s,
                    (history_record){.type = OPERATION_LIST,
                                     .key = story_name(s, prefix),
                                     .invoke = MS(from),
                                     .finish = MS(from + 1),
                                     .flags = (uint8_t)(flags | FLAG_ATOMIC)},
                    parts, count);
}

static void add_event(story *s, history_record r, uint64_t at)
{
    r.kind = RECORD_EVENT;
    r.invoke = MS(at);
    r.finish = MS(at);
    history_append(s->writer, 0, &r);
}

void story_event(story *s, event_type type, uint64_t at)
{
    add_event(s, (history_record){.type = (uint8_t)type}, at);
}

void story_exit(story *s, uint64_t at, bool planned, int wait_status)
{
    add_event(s,
              (history_record){
                  .type = EVENT_TARGET_EXIT, .value = (uint64_t)wait_status, .status = planned},
              at);
}

void story_restart(story *s, uint64_t at)
{
    story_exit(s, at, true, 9);
    story_event(s, EVENT_TARGET_START, at);
}

void story_fault(story *s, uint64_t from, uint64_t to)
{
    story_fault_named(s, "fault", from, to);
}

void story_fault_named(story *s, const char *name, uint64_t from, uint64_t to)
{
    history_record r = {.kind = RECORD_FAULT,
                        .type = FAULT_RECORD_BEGIN,
                        .key = story_name(s, name),
                        .invoke = MS(from),
                        .finish = MS(from),
                        .expected = s->faults++};
    history_append(s->writer, 0, &r);
    r.type = FAULT_RECORD_END;
    r.invoke = r.finish = MS(to);
    r.value = 1;
    history_append(s->writer, 0, &r);
}

void story_sample(story *s, history_record r)
{
    r.kind = RECORD_SAMPLE;
    r.finish = r.invoke;
    history_append(s->writer, 0, &r);
}

void story_count(story *s, uint64_t operations, unsigned status, uint64_t answers)
{
    history_record r = {.kind = RECORD_EVENT,
                        .type = EVENT_COUNTED,
                        .expected = operations,
                        .status = (uint16_t)status,
                        .value = answers,
                        .detail = story_name(s, "a route")};
    history_append(s->writer, 0, &r);
}

void story_log(story *s, const char *text)
{
    snprintf(s->log, sizeof s->log, "%s/target.log", s->folder);
    FILE *log = fopen(s->log, "we");
    cr_assert(log != NULL && fputs(text, log) >= 0 && fclose(log) == 0);
}

const judge_finding *story_judge(story *s, const char *name, const parameter_value *values)
{
    static judge_finding finding;
    error e = {0};
    cr_assert(history_close(s->writer, &e), "%s", e.text);
    history *h = history_open(s->path, &e);
    cr_assert(h != NULL && history_complete(h), "%s", e.text);
    history_index *x = history_index_build(h);
    const judge *j = judge_named(name);
    cr_assert(j != NULL, "no judge %s", name);
    parameter_value fallbacks[PARAMETERS_MOST] = {0};
    cr_assert(values != NULL || parameters_fall_back(j->parameters, j->parameter_count, fallbacks));
    judge_input in = {.history = h,
                      .index = x,
                      .values = values != NULL ? values : fallbacks,
                      .seed = STORY_SEED,
                      .target_log_path = s->log[0] != '\0' ? s->log : NULL};
    memset(&finding, 0, sizeof finding);
    finding.answer = ANSWER_NOT_PROVEN;
    j->examine(&in, &finding);
    history_index_free(x);
    history_free(h);
    unlink(s->path);
    unlink(s->log);
    rmdir(s->folder);
    free(s);
    return &finding;
}

void story_expect(story *s, const char *name, judge_answer wanted)
{
    const judge_finding *f = story_judge(s, name, NULL);
    cr_assert(f->answer == wanted, "%s answers %d: %s", name, (int)f->answer, f->sentence);
    if (wanted == ANSWER_VIOLATED)
        cr_assert(f->step_count > 0 && f->sentence[0] != '\0');
}
