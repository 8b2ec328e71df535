#include "reports/log_lines.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/files.h"

void log_lines_want(log_lines *l, const char *trace)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity > 0 ? l->capacity * 2 : 64;
        l->traces = memory_resize(l->traces, l->capacity * sizeof *l->traces);
    }
    log_trace *t = &l->traces[l->count++];
    *t = (log_trace){.trace = ""};
    snprintf(t->trace, sizeof t->trace, "%s", trace);
}

static int by_trace(const void *a, const void *b)
{
    return memcmp(a, b, TRACE_DIGITS); /* the trace is the first member */
}

static log_trace *find(const log_lines *l, const char *trace)
{
    return l->count == 0 ? NULL : bsearch(trace, l->traces, l->count, sizeof *l->traces, by_trace);
}

static void keep(log_lines *l, log_trace *t, const char *line)
{
    size_t length = strcspn(line, "\n");
    if (length > LOG_LINE_SIZE)
        length = LOG_LINE_SIZE;
    if (t->count == LOG_LINES_MOST || l->bytes + length > LOG_LINES_BYTES) {
        t->more++;
        return;
    }
    char *copy = memory_take(length + 1);
    memcpy(copy, line, length);
    copy[length] = '\0';
    l->bytes += length;
    t->lines[t->count++] = copy;
}

/* Looks up every run of exactly 32 hex digits; a line counts once. */
static void look_at(log_lines *l, const char *line)
{
    size_t digits = 0;
    for (const char *at = line;; at++) {
        if (isxdigit((unsigned char)*at)) {
            digits++;
            continue;
        }
        log_trace *t = digits == TRACE_DIGITS ? find(l, at - TRACE_DIGITS) : NULL;
        if (t != NULL) {
            keep(l, t, line);
            return;
        }
        digits = 0;
        if (*at == '\0')
            return;
    }
}

static void drop_repeats(log_lines *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++)
        if (kept == 0 || by_trace(&l->traces[i], &l->traces[kept - 1]) != 0)
            l->traces[kept++] = l->traces[i];
    l->count = kept;
}

void log_lines_read(log_lines *l, const char *run_directory)
{
    char path[600];
    char line[4096];
    error unable = {0};
    if (l->count == 0)
        return;
    qsort(l->traces, l->count, sizeof *l->traces, by_trace);
    drop_repeats(l);
    FILE *file = files_join(path, sizeof path, run_directory, "target.log", &unable)
                     ? fopen(path, "re")
                     : NULL;
    l->missing = file == NULL;
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL)
        look_at(l, line);
    fclose(file);
}

const log_trace *log_lines_of(const log_lines *l, const char *trace)
{
    return find(l, trace);
}

void log_lines_free(log_lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        for (size_t n = 0; n < l->traces[i].count; n++)
            free(l->traces[i].lines[n]);
    free(l->traces);
    *l = (log_lines){0};
}
