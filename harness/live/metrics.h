/* The metrics of a running test: the state of the live view as Prometheus text, served over HTTP on
 * 127.0.0.1. */
#ifndef ORDEAL_LIVE_METRICS_H
#define ORDEAL_LIVE_METRICS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "live/live.h"

/* Appends the text exposition format, version 0.0.4. */
void metrics_write(const live_state *state, buffer *out);

typedef struct metrics_server metrics_server;

/* `port` 0: any free one. NULL with ERROR_USAGE when it is taken. */
metrics_server *metrics_serve(uint16_t port, error *e);
uint16_t metrics_server_port(const metrics_server *s);
/* What GET /metrics answers from now on. */
void metrics_set(metrics_server *s, const live_state *state);
void metrics_stop(metrics_server *s);

#endif
