/* One request of an access log: the combined log format, or a line of JSON. */
#ifndef ORDEAL_TRAFFIC_LOG_LINE_H
#define ORDEAL_TRAFFIC_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_PATH_SIZE 1024
#define LOG_LINE_SIZE ((size_t)64 << 10) /* a longer line is none */
#define NO_BYTES      UINT64_MAX

typedef struct {
    double at; /* seconds since 1970 */
    char method[16];
    char path[LOG_PATH_SIZE]; /* as requested, without query */
    unsigned status;
    uint64_t sent;     /* bytes of the answer's body; NO_BYTES: not told */
    uint64_t received; /* bytes of the request's body; NO_BYTES: not told */
} log_entry;

/* The value of a hexadecimal digit; -1: it is none. */
int hexadecimal(char c);

/* False: the line is neither, or lacks time, method, path or status. `line` ends in NUL. */
bool log_line_parse(const char *line, log_entry *out);

#endif
