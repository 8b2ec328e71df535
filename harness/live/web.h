/* The live page of a running test: GET / brings the page, GET /events its states as server-sent
 * events, on 127.0.0.1 alone. Whoever comes late gets what went before: at most WEB_STATES_MOST
 * states are kept, every other one is dropped when there are more. */
#ifndef ORDEAL_LIVE_WEB_H
#define ORDEAL_LIVE_WEB_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "live/live.h"

#define WEB_STATES_MOST 1200

/* One state as JSON without a line break. */
void web_write_state(const live_state *state, buffer *out);

typedef struct web_server web_server;

/* `page` must outlive the server. `port` 0: any free one. NULL with ERROR_USAGE when it is taken.
 */
web_server *web_serve(uint16_t port, const char *page, error *e);
uint16_t web_server_port(const web_server *s);
void web_add(web_server *s, const live_state *state);
/* Tells everybody that the run has ended and closes. */
void web_stop(web_server *s);

#endif
