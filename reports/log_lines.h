/* What the server logged with the trace ids of some operations, from target.log. Read once as a
 * stream; keeps at most LOG_LINES_MOST lines of one trace and LOG_LINES_BYTES in all. */
#ifndef ORDEAL_REPORTS_LOG_LINES_H
#define ORDEAL_REPORTS_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_LINES_MOST  6
#define LOG_LINE_SIZE   400
#define LOG_LINES_BYTES ((size_t)128 * 1024)
#define TRACE_DIGITS    32

typedef struct {
    char trace[TRACE_DIGITS + 1];
    char *lines[LOG_LINES_MOST];
    size_t count;
    size_t more; /* lines that were left out */
} log_trace;

typedef struct {
    log_trace *traces; /* sorted after log_lines_read */
    size_t count;
    size_t capacity;
    size_t bytes;
    bool missing; /* there is no target.log to read */
} log_lines;

void log_lines_want(log_lines *l, const char *trace);
void log_lines_read(log_lines *l, const char *run_directory);
/* NULL when the trace was never wanted. */
const log_trace *log_lines_of(const log_lines *l, const char *trace);
void log_lines_free(log_lines *l);

#endif
