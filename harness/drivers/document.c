#include "drivers/document.h"

#include <string.h>

#include "base/buffer.h"
#include "base/check.h"

#define ANSWER_MOST ((size_t)8 << 20)

typedef struct {
    const char *body;
    buffer answer;
} document;

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const document *d = owner;
    memcpy(bytes, d->body + offset, length);
}

static bool receive_answer(void *owner, const void *bytes, size_t length)
{
    document *d = owner;
    return buffer_append(&d->answer, bytes, length);
}

json_t *document_ask(operation *o, const exchange_request *asked, const char *body)
{
    document d = {.body = body, .answer.limit = ANSWER_MOST};
    exchange_request request = *asked;
    json_t *root = NULL;
    request.body_length = EXCHANGE_LENGTH_NONE;
    request.receive = receive_answer;
    request.owner = &d;
    if (body != NULL) {
        CHECK(request.header_count < EXCHANGE_HEADERS_MOST);
        request.headers[request.header_count++] =
            (exchange_header){"Content-Type", "application/json"};
        request.body_length = strlen(body);
        request.send = send_body;
    }
    operation_exchange(o, &request);
    operation_conclude(o);
    if (o->record.outcome == OUTCOME_OK) {
        root = json_loadb(buffer_text(&d.answer), d.answer.length, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(root)) {
            operation_malformed(o, "the answer is no JSON object");
            json_decref(root);
            root = NULL;
        }
    }
    buffer_free(&d.answer);
    return root;
}

bool document_whole(const json_t *object, const char *name, uint64_t *value)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return false;
    *value = (uint64_t)json_integer_value(member);
    return true;
}

const char *document_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}
