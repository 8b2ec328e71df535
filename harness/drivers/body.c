#include "drivers/body.h"

#include <string.h>

#include "base/check.h"

#define ANSWER_MOST ((size_t)8 << 20)

typedef struct {
    const char *body;
    buffer *answer;
} texts;

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const texts *t = owner;
    memcpy(bytes, t->body + offset, length);
}

static bool receive_answer(void *owner, const void *bytes, size_t length)
{
    const texts *t = owner;
    return buffer_append(t->answer, bytes, length);
}

bool body_ask(operation *o, const exchange_request *asked, const char *type, const char *body,
              buffer *answer)
{
    texts t = {.body = body, .answer = answer};
    exchange_request request = *asked;
    *answer = (buffer){.limit = ANSWER_MOST};
    request.body_length = EXCHANGE_LENGTH_NONE;
    request.receive = receive_answer;
    request.owner = &t;
    if (body != NULL) {
        CHECK(request.header_count < EXCHANGE_HEADERS_MOST);
        request.headers[request.header_count++] = (exchange_header){"Content-Type", type};
        request.body_length = strlen(body);
        request.send = send_body;
    }
    operation_exchange(o, &request);
    operation_conclude(o);
    return o->record.outcome == OUTCOME_OK;
}
