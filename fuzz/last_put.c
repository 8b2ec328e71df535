#include "last_put.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "fuzz.h"

void last_put_forget(last_put *last)
{
    buffer_free(&last->path);
    buffer_free(&last->body);
}

void last_put_remember(last_put *last, const wire_request *put, const buffer *body)
{
    last_put_forget(last);
    buffer_append(&last->path, put->target, strcspn(put->target, "?"));
    buffer_append(&last->body, buffer_text(body), body->length);
}

static void reads(const wire_request *asked, const buffer *body)
{
    wire_answer answer;
    talk_ask(asked, false, &answer);
    ORACLE(answer.status == 200);
    ORACLE(answer.body.length == body->length);
    ORACLE(body->length == 0 || memcmp(answer.body.bytes, body->bytes, body->length) == 0);
    wire_release(&answer);
}

void last_put_read(const last_put *last)
{
    wire_request asked = {.method = "GET",
                          .target = buffer_text(&last->path),
                          .port = service_port(SERVICE_OPEN),
                          .length = WIRE_NO_BODY,
                          .goes_at = UINT64_MAX,
                          .address = 0x7f000001};
    if (last->path.length > 0)
        reads(&asked, &last->body);
}

void last_put_read_at_once(const wire_request *put, const buffer *body)
{
    char *path = memory_text(put->target);
    path[strcspn(path, "?")] = '\0';
    wire_request asked = {.method = "GET",
                          .target = path,
                          .port = put->port,
                          .length = WIRE_NO_BODY,
                          .goes_at = UINT64_MAX,
                          .address = put->address};
    for (size_t i = 0; i < put->field_count; i++)
        if (strcasecmp(put->fields[i].name, "Authorization") == 0)
            asked.fields[asked.field_count++] = put->fields[i];
    reads(&asked, body);
    free(path);
}
