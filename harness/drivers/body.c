#include "drivers/body.h"

#include <string.h>

#include "base/check.h"

#define ANSWER_MOST ((size_t)8 << 20)

typedef struct {
    const body_source *source;
    buffer *answer;
} bodies;

static void send_text(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const char *const *text = owner;
    memcpy(bytes, *text + offset, length);
}

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const bodies *b = owner;
    b->source->send(b->source->owner, offset, bytes, length);
}

static bool receive_answer(void *owner, const void *bytes, size_t length)
{
    const bodies *b = owner;
    return buffer_append(b->answer, bytes, length);
}

bool body_ask_from(operation *o, const exchange_request *asked, const char *type,
                   const body_source *source, buffer *answer)
{
    bodies b = {.source = source, .answer = answer};
    exchange_request request = *asked;
    *answer = (buffer){.limit = ANSWER_MOST};
    request.body_length = EXCHANGE_LENGTH_NONE;
    request.receive = receive_answer;
    request.owner = &b;
    if (source != NULL) {
        CHECK(request.header_count < EXCHANGE_HEADERS_MOST);
        request.headers[request.header_count++] = (exchange_header){"Content-Type", type};
        request.body_length = source->length;
        request.send = send_body;
    }
    operation_exchange(o, &request);
    operation_conclude(o);
    return o->record.outcome == OUTCOME_OK;
}

bool body_ask(operation *o, const exchange_request *asked, const char *type, const char *body,
              buffer *answer)
{
    body_source text = {.send = send_text, .owner = &body};
    if (body != NULL)
        text.length = strlen(body);
    return body_ask_from(o, asked, type, body != NULL ? &text : NULL, answer);
}
