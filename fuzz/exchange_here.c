#include "exchange_here.h"

#include <string.h>

#include "base/timing.h"
#include "faults.h"
#include "talk.h"

static service_kind server;

void exchange_here(service_kind kind)
{
    service_of_process(kind);
    server = kind;
}

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const exchange_request *wanted = owner;
    wanted->send(wanted->owner, offset, bytes, length);
}

static void take_body(const exchange_request *wanted, const wire_answer *got,
                      exchange_answer *answer)
{
    size_t length = got->body.length;
    if (got->status >= 400) {
        size_t piece = length < sizeof answer->problem - 1 ? length : sizeof answer->problem - 1;
        memcpy(answer->problem, buffer_text(&got->body), piece);
        answer->problem_length = piece;
        return;
    }
    answer->received = length;
    if (length > 0 && wanted->receive != NULL &&
        !wanted->receive(wanted->owner, got->body.bytes, length))
        answer->failure = FAILURE_ABANDONED;
}

static void take_answer(const exchange_request *wanted, const wire_answer *got,
                        exchange_answer *answer)
{
    answer->status = got->status;
    answer->length = got->length;
    for (const char *at = buffer_text(&got->head); *at != '\0';) {
        size_t line = strcspn(at, "\r");
        exchange_take_line(answer, at, line);
        at += line + 2;
    }
    take_body(wanted, got, answer);
    if (got->status == 0)
        answer->failure = FAILURE_RESET;
    else if (got->broken)
        answer->failure = FAILURE_TRUNCATED;
}

void __wrap_exchange_run(loop_lane *lane, const exchange_request *wanted, exchange_answer *answer)
{
    (void)lane;
    *answer = (exchange_answer){.length = EXCHANGE_LENGTH_NONE,
                                .offset = EXCHANGE_LENGTH_NONE,
                                .invoke = timing_now(),
                                .sent_any = true};
    wire_request asked = {
        .method = wanted->method,
        .target = strchr(wanted->url + strlen("http://"), '/'),
        .port = service_port(server),
        .length = wanted->body_length == EXCHANGE_LENGTH_NONE ? WIRE_NO_BODY : wanted->body_length,
        .send = send_body,
        .owner = (void *)(uintptr_t)wanted,
        .goes_at = wanted->manners.cut_send_at,
        .address = 0x7f000001};
    for (size_t i = 0; i < wanted->header_count; i++)
        asked.fields[asked.field_count++] =
            (wire_field){wanted->headers[i].name, wanted->headers[i].value};
    wire_answer got;
    talk_ask(&asked, faults_armed(), &got);
    take_answer(wanted, &got, answer);
    answer->sent = asked.length == WIRE_NO_BODY ? 0 : asked.length;
    wire_release(&got);
    answer->finish = timing_now();
}
