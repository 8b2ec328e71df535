/* Diagnostics on standard error, one line each, whole lines only, safe from any thread.
 *
 * LOG_PLAIN is for people ("ordeal: warning: ..."), LOG_JSON for machines (one object a line). A
 * program sets the form once at start. Results and progress are output, not log: they do not come
 * through here. */
#ifndef ORDEAL_BASE_LOG_H
#define ORDEAL_BASE_LOG_H

#include "base/error.h"
#include "base/json_writer.h"

/* LOG_NOTHING is only for log_setup: above all that is ever said. */
typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_NOTHING } log_level;
typedef enum { LOG_PLAIN, LOG_JSON } log_form;

/* `program` must live as long as the process. */
void log_setup(const char *program, log_form form, log_level least);
void log_line(log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_error(const error *e);

/* A structured event: begin, json_put_* on the writer, end. In plain form the same object follows
 * the name. */
typedef struct {
    buffer text;
    json_writer fields;
    log_level level;
} log_event;
void log_event_begin(log_event *event, log_level level, const char *name);
void log_event_end(log_event *event);

#endif
