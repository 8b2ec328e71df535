/* The scenario's server on a directory of our choice, visited by one client: what exploring does
 * hundreds of times.
 *
 * server_begin starts it and waits until it is ready; server_end kills it; what server_prepare took
 * goes with server_release. The caller owns history and directories; `work` gets target.log. */
#ifndef ORDEAL_EXPLORE_SERVER_H
#define ORDEAL_EXPLORE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/scenario.h"
#include "target/supervisor.h"

typedef struct {
    const scenario *scenario;
    const char *data;
    char log[560];
    char base_url[512];
    supervisor_options options;
    supervisor *supervisor; /* NULL while it is not there */
    stage stage;
} server;

/* Fills in what does not change from start to start. `work` must exist. */
bool server_prepare(server *v, const scenario *s, const char *data, const char *work, error *e);
void server_release(server *v);
/* Forgets what clients left for each other; with the data. */
void server_forget(server *v);
/* ERROR_TARGET: it does not come up on this directory. */
bool server_begin(server *v, error *e);
void server_end(server *v);

/* The final operations of every behaviour that has some, from client `number` on. */
bool server_settle(server *v, history_writer *w, uint32_t number, error *e);

/* `body` runs as client `number`, recording into `w`'s slot 0; `log_position` may be NULL. */
bool server_visit(server *v, history_writer *w, uint32_t number, uint8_t flags,
                  void (*body)(client *c, void *argument), void *argument, error *e);

#endif
