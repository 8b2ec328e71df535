/* One connection of a conformance case, for what libcurl hides: whether it is kept, who closes it,
 * and requests that are no requests. Only for targets at plain http addresses.
 *
 * The case owns its lines and closes them. */
#ifndef ORDEAL_QUALIFY_LINE_H
#define ORDEAL_QUALIFY_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "qualify/probe.h"

typedef struct {
    int fd;
} line;

/* False, with errno: no connection. */
bool line_open(line *l, const probe_target *target);
void line_close(line *l);
/* "GET /v1/files" with Host, the target's token, `fields` ("Name: value\r\n" each, NULL: none) and
 * `content` (NULL: none). */
bool line_ask(line *l, const probe_target *target, const char *what, const char *fields,
              const char *content);
bool line_send(line *l, const char *text);
bool line_send_bytes(line *l, const void *bytes, size_t length);
/* The status of one answer, whose head is read and as much content as it announces; 0: none came
 * within the usual time. */
unsigned line_answer(line *l, bool without_content);
/* Does this text come, at the latest after so many milliseconds? What stands before it is passed
 * over. */
bool line_says(line *l, const char *text, unsigned milliseconds);
/* Has the target closed it, at the latest after so many milliseconds? What it says before does not
 * count. */
bool line_ends(line *l, unsigned milliseconds);

#endif
