#include "reports/reproduction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/percent.h"
#include "engine/trace.h"

#define URL_SIZE   4096
#define NAME_ASKED 1000 /* a longer name is no line for a person */

/* Where a driver's protocol keeps files that a plain GET brings. */
static const struct {
    const char *driver;
    const char *prefix;
} plain[] = {{"reference", "/v1/files/"}};

static const char *prefix_of(const char *name)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(plain[i].driver, name) == 0)
            return plain[i].prefix;
    return NULL;
}

/* The last read of a file among the evidence. */
static bool find_read(const facts *f, const judge_finding *finding, history_record *read)
{
    for (size_t i = finding->step_count; i-- > 0;) {
        if (finding->steps[i].record == EVIDENCE_NO_RECORD)
            continue;
        *read = history_get(f->verdict->history, finding->steps[i].record);
        bool reads = read->type == OPERATION_GET || read->type == OPERATION_HEAD ||
                     read->type == OPERATION_GET_RANGE;
        if (read->kind == RECORD_OPERATION && reads && read->key != 0)
            return true;
    }
    return false;
}

void reproduction_quote(const char *text, buffer *out)
{
    buffer_text_append(out, "'");
    for (; *text != '\0'; text++)
        *text == '\'' ? buffer_text_append(out, "'\\''") : buffer_append(out, text, 1);
    buffer_text_append(out, "'");
}

bool reproduction_curl(const facts *f, const judge_finding *finding, buffer *out)
{
    const verdict *v = f->verdict;
    const char *prefix = prefix_of(v->scenario->target.driver->name);
    history_record read;
    char trace[56];
    char url[URL_SIZE];
    if (finding->answer != ANSWER_VIOLATED || prefix == NULL || !find_read(f, finding, &read) ||
        history_text_length(v->history, read.key) > NAME_ASKED)
        return false;
    const char *base = v->scenario->target.url;
    const char *port = strstr(base, "{port}");
    int head = port != NULL ? (int)(port - base) : (int)strlen(base);
    int used = snprintf(url, sizeof url, "%.*s%s%s%s", head, base, port != NULL ? "PORT" : "",
                        port != NULL ? port + strlen("{port}") : "", prefix);
    if (used < 0 || (size_t)used + (size_t)3 * NAME_ASKED + 8 > sizeof url)
        return false;
    percent_append(url, sizeof url, history_text(v->history, read.key), "-_.~/");
    buffer_printf(out, "curl -sSi%s", read.type == OPERATION_HEAD ? "I" : "");
    if (read.type == OPERATION_GET_RANGE && read.size > 0)
        buffer_printf(out, " -r %" PRIu64 "-%" PRIu64, read.expected,
                      read.expected + read.size - 1);
    buffer_printf(out, " -H 'traceparent: %s' ",
                  trace_parent(v->scenario->seed, read.client, read.sequence, trace));
    reproduction_quote(url, out);
    return true;
}
