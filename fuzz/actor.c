#include "actor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/places.h"
#include "fuzz.h"
#include "judges/index.h"
#include "judges/judge.h"

#define STORIES_MOST 100000 /* then names come again, which only a very long campaign sees */
#define SEED         7

static char path[320];
static keyspace *names;
static size_mixture sizes;
static stage the_stage;
static client the_client;
static unsigned story;

client *actor_begin(const driver *by)
{
    error e = {0};
    if (names == NULL) {
        names = keyspace_create("", 0, ACTOR_NAMES, STORIES_MOST, 0, true);
        CHECK(sizes_parse("ladder", &sizes));
        snprintf(path, sizeof path, "%s/history.bin", fuzz_directory());
    }
    story = story % STORIES_MOST + 1;
    the_stage = (stage){.driver = by,
                        .base_url = "http://server",
                        .seed = SEED,
                        .operation_timeout = 1000000000,
                        .capabilities = ~0u,
                        .keys = names,
                        .places = places_create(),
                        .sizes = &sizes,
                        .history = history_create(path, 1, &e)};
    CHECK(the_stage.history != NULL);
    the_client =
        (client){.stage = &the_stage, .number = story, .random = random_named(SEED, "client")};
    return &the_client;
}

size_t actor_name(const client *c, unsigned which)
{
    return keyspace_own(names, c->number, which % ACTOR_NAMES);
}

void actor_mark_fault(client *c, const char *name, bool begins)
{
    history_writer *w = c->stage->history;
    history_record r = {.kind = RECORD_FAULT,
                        .type = begins ? FAULT_RECORD_BEGIN : FAULT_RECORD_END,
                        .key = history_name(w, name, strlen(name)),
                        .sequence = 1,
                        .invoke = history_now(w),
                        .finish = history_now(w)};
    history_append(w, 0, &r);
}

/* These rest on samples, faults or phases, which a story has not. */
static bool rests_on_the_run(const judge *j)
{
    static const char *const those[] = {
        "bounded-memory", "no-leaked-sessions", "recovery",    "process-hygiene",
        "latency",        "error-budget",       "health-truth"};
    for (size_t i = 0; i < sizeof those / sizeof those[0]; i++)
        if (strcmp(those[i], j->name) == 0)
            return true;
    return false;
}

static void ask(const judge *j, const history *h, const history_index *x)
{
    parameter_value values[PARAMETERS_MOST];
    judge_finding found = {.answer = ANSWER_NOT_PROVEN};
    if (rests_on_the_run(j) || !parameters_fall_back(j->parameters, j->parameter_count, values))
        return;
    judge_input in = {
        .history = h, .index = x, .values = values, .run_directory = fuzz_directory()};
    j->examine(&in, &found);
    if (found.answer != ANSWER_VIOLATED)
        return;
    fprintf(stderr, "%s: %s\n", j->name, found.sentence);
    for (size_t i = 0; i < found.step_count; i++)
        fprintf(stderr, "    %s\n", found.steps[i].line);
    ORACLE(found.answer != ANSWER_VIOLATED);
}

void actor_end(client *c, bool judged)
{
    error e = {0};
    places_destroy(c->stage->places);
    CHECK(history_close(c->stage->history, &e));
    if (judged) {
        history *h = history_open(path, &e);
        CHECK(h != NULL);
        history_index *x = history_index_build(h);
        for (size_t i = 0; i < judge_count; i++)
            ask(judges[i], h, x);
        history_index_free(x);
        history_free(h);
    }
    unlink(path);
}
