/* The target while conformance is asked: started on a data directory of its own, or the one that
 * runs already. */
#ifndef ORDEAL_QUALIFY_SERVER_H
#define ORDEAL_QUALIFY_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "plan/scenario.h"
#include "target/supervisor.h"

typedef struct {
    supervisor_options options;
    supervisor *supervisor; /* NULL: it runs already */
    char data[512];
    char log[512];
    char base_url[300];
} qualify_server;

/* `folder` exists; data and log go into it. */
bool qualify_server_start(qualify_server *s, const target_description *t, const char *folder,
                          error *e);
/* True when the server has ended by itself; `why` then says how. When it is `suspected`, because it
 * did not answer, its end is given a second to be seen. Started again it goes on with the data that
 * it left. */
bool qualify_server_ended(qualify_server *s, bool suspected, char *why, size_t size);
bool qualify_server_again(qualify_server *s, const target_description *t, error *e);
pid_t qualify_server_pid(const qualify_server *s); /* 0: it is down, or not ours */
void qualify_server_stop(qualify_server *s);

#endif
