#include "qualify/server.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/timing.h"
#include "target/launch.h"

bool qualify_server_start(qualify_server *s, const target_description *t, const char *folder,
                          error *e)
{
    *s = (qualify_server){.supervisor = NULL};
    if (t->command == NULL) {
        snprintf(s->base_url, sizeof s->base_url, "%s", t->url);
        return supervisor_reach(t->ready_url, t->ready_by_any_answer, t->ready_within, e);
    }
    /* A server may change its directory before it opens its files. */
    char full[PATH_MAX];
    if (realpath(folder, full) == NULL)
        return error_errno(e, folder, "cannot be found");
    if (!files_join(s->data, sizeof s->data, full, "data", e) ||
        !files_join(s->log, sizeof s->log, full, "target.log", e) ||
        !files_make_directories(s->data, 0755, e))
        return false;
    s->options = (supervisor_options){
        .command = (char *const *)(uintptr_t)t->command,
        .environment = (char *const *)(uintptr_t)t->environment,
        .data_directory = s->data,
        .log_path = s->log,
        .ready_url = t->ready_url,
        .ready_by_any_answer = t->ready_by_any_answer,
        .ready_within = t->ready_within,
        .stop_within = t->stop_within,
        .port_line = t->port_line,
    };
    return qualify_server_again(s, t, e);
}

bool qualify_server_ended(qualify_server *s, bool suspected, char *why, size_t size)
{
    char lines[400];
    uint64_t until = timing_now() + (suspected ? NANOSECONDS_PER_SECOND : 0);
    if (s->supervisor == NULL)
        return false;
    while (!supervisor_died(s->supervisor)) {
        if (timing_now() >= until)
            return false;
        timing_sleep(10 * NANOSECONDS_PER_MILLISECOND);
    }
    supervisor_last_lines(s->supervisor, lines, sizeof lines);
    snprintf(why, size, "the server ended by itself; its last words: %.300s", lines);
    return true;
}

bool qualify_server_again(qualify_server *s, const target_description *t, error *e)
{
    supervisor_destroy(s->supervisor);
    s->supervisor = supervisor_start(&s->options, e);
    return s->supervisor != NULL && (launch_fill(s->base_url, sizeof s->base_url, t->url,
                                                 supervisor_port(s->supervisor), s->data) ||
                                     error_set(e, ERROR_USAGE, t->file, "the url is too long"));
}

pid_t qualify_server_pid(const qualify_server *s)
{
    return s->supervisor != NULL ? supervisor_pid(s->supervisor) : 0;
}

void qualify_server_stop(qualify_server *s)
{
    error ignored = {0};
    if (s->supervisor != NULL && supervisor_pid(s->supervisor) > 0)
        supervisor_stop(s->supervisor, &ignored);
    supervisor_destroy(s->supervisor);
    s->supervisor = NULL;
    if (s->data[0] != '\0')
        files_remove_tree(s->data, &ignored);
}
