#include "explore/server.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "run/crew.h"
#include "target/launch.h"

/* Exploring asks what is kept, not how fast: a machine with much else to do gets longer. */
#define PATIENCE 6
/* A fault lasts until its client has given up; waiting between the tries only takes time. */
#define PAUSE_MOST (2 * NANOSECONDS_PER_MILLISECOND)

bool server_prepare(server *v, const scenario *s, const char *data, const char *work, error *e)
{
    const target_description *t = &s->target;
    if (t->command == NULL)
        return error_set(e, ERROR_USAGE, t->name,
                         "is known by its url only; exploring starts the target itself");
    *v = (server){.scenario = s, .data = data};
    if (!files_join(v->log, sizeof v->log, work, "target.log", e))
        return false;
    v->options = (supervisor_options){
        .command = (char *const *)(uintptr_t)t->command,
        .environment = (char *const *)(uintptr_t)t->environment,
        .data_directory = v->data,
        .log_path = v->log,
        .ready_url = t->ready_url,
        .ready_by_any_answer = t->ready_by_any_answer,
        .ready_within = PATIENCE * t->ready_within,
        .stop_within = t->stop_within,
        .port_line = t->port_line,
    };
    v->stage.driver = t->driver;
    v->stage.base_url = v->base_url;
    v->stage.auth = &s->target.auth;
    v->stage.seed = s->seed;
    v->stage.operation_timeout = s->operation_timeout;
    v->stage.pause_most = PAUSE_MOST;
    v->stage.capabilities = t->capabilities;
    v->stage.sizes = &s->data.sizes;
    server_forget(v);
    return true;
}

void server_release(server *v)
{
    CHECK(v->supervisor == NULL);
    if (v->stage.keys == NULL)
        return;
    keyspace_destroy(v->stage.keys);
    board_destroy(v->stage.board);
    places_destroy(v->stage.places);
}

void server_forget(server *v)
{
    const scenario *s = v->scenario;
    server_release(v);
    v->stage.board = board_create();
    v->stage.places = places_create();
    v->stage.keys = keyspace_create("", s->data.keys, s->data.keys_per_client,
                                    scenario_client_count(s), s->data.zipf, s->data.awkward_names);
}

bool server_begin(server *v, error *e)
{
    const target_description *t = &v->scenario->target;
    CHECK(v->supervisor == NULL);
    /* Its words on one disk only. */
    if (truncate(v->log, 0) != 0 && access(v->log, F_OK) == 0)
        return error_errno(e, v->log, "cannot be emptied");
    v->supervisor = supervisor_start(&v->options, e);
    if (v->supervisor == NULL)
        return false;
    if (launch_fill(v->base_url, sizeof v->base_url, t->url, supervisor_port(v->supervisor),
                    v->data))
        return true;
    server_end(v);
    return error_set(e, ERROR_USAGE, t->file, "the url is too long");
}

void server_end(server *v)
{
    supervisor_destroy(v->supervisor);
    v->supervisor = NULL;
}

bool server_visit(server *v, history_writer *w, uint32_t number, uint8_t flags,
                  void (*body)(client *c, void *argument), void *argument, error *e)
{
    v->stage.history = w;
    return crew_errand(&v->stage, v->scenario, 0, number, flags, body, argument, e);
}

static void settle(client *c, void *argument)
{
    const client_group *group = argument;
    c->values = group->values;
    group->behaviour->settle(c);
}

bool server_settle(server *v, history_writer *w, uint32_t number, error *e)
{
    for (size_t i = 0; i < v->scenario->group_count; i++) {
        client_group *group = &v->scenario->groups[i];
        if (group->behaviour->settle != NULL &&
            !server_visit(v, w, number + (uint32_t)i, FLAG_FINAL, settle, group, e))
            return false;
    }
    return true;
}
