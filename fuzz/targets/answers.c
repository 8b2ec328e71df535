/* A hostile server: what the drivers make of any answer to any of their requests.
 *
 * Input, for each operation: which one, its name, then the answer: status, how it ends, its fields
 * as lines up to an empty one, its body up to "====" on a line of its own. Oracles: an operation is
 * ok only after a complete answer; everything recorded can be read again, and the judges answer. */
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "base/timing.h"
#include "client/admin.h"
#include "client/files.h"
#include "client/list.h"
#include "fuzz.h"

#define OPERATIONS_MOST 20

static fuzz_input script;

static size_t line_length(void)
{
    const uint8_t *end = memchr(script.at, '\n', script.left);
    return end != NULL ? (size_t)(end - script.at) : script.left;
}

static void skip(size_t length)
{
    length = length < script.left ? length : script.left;
    script.at += length;
    script.left -= length;
}

static void give_fields(exchange_answer *answer)
{
    for (size_t length; (length = line_length()) > 0; skip(length + 1))
        exchange_take_line(answer, (const char *)script.at, length);
    skip(1);
}

static void give_body(const exchange_request *request, exchange_answer *answer)
{
    const uint8_t *end = memmem(script.at, script.left, "\n====", 5);
    size_t length = end != NULL ? (size_t)(end - script.at) : script.left;
    if (answer->status >= 400) {
        size_t piece = length < sizeof answer->problem - 1 ? length : sizeof answer->problem - 1;
        memcpy(answer->problem, script.at, piece);
        answer->problem[piece] = '\0';
        answer->problem_length = piece;
    } else {
        size_t half = length / 2;
        answer->received = length;
        if (request->receive != NULL &&
            (!request->receive(request->owner, script.at, half) ||
             !request->receive(request->owner, script.at + half, length - half)))
            answer->failure = FAILURE_ABANDONED;
    }
    skip(length + 6);
}

static void pull_body(const exchange_request *request, exchange_answer *answer)
{
    char bytes[4096];
    uint64_t length = request->body_length == EXCHANGE_LENGTH_NONE ? 0 : request->body_length;
    for (; answer->sent < length; answer->sent += sizeof bytes) {
        uint64_t left = length - answer->sent;
        request->send(request->owner, answer->sent, bytes,
                      left < sizeof bytes ? (size_t)left : sizeof bytes);
    }
    answer->sent = length;
}

void __wrap_exchange_run(loop_lane *lane, const exchange_request *wanted, exchange_answer *answer);

void __wrap_exchange_run(loop_lane *lane, const exchange_request *wanted, exchange_answer *answer)
{
    static const unsigned statuses[] = {200, 201, 204, 206, 304, 400, 404, 409, 410, 412,
                                        416, 429, 460, 500, 503, 507, 100, 301, 0};
    (void)lane;
    *answer = (exchange_answer){.length = EXCHANGE_LENGTH_NONE,
                                .offset = EXCHANGE_LENGTH_NONE,
                                .invoke = timing_now(),
                                .sent_any = true};
    answer->status = statuses[fuzz_byte(&script) % (sizeof statuses / sizeof statuses[0])];
    uint8_t end = fuzz_byte(&script);
    answer->failure =
        end % 4 == 3 || answer->status == 0 ? FAILURE_CONNECT + end % 5 : FAILURE_NONE;
    pull_body(wanted, answer);
    give_fields(answer);
    give_body(wanted, answer);
    answer->finish = timing_now();
}

typedef seen (*act)(client *c, size_t name, uint8_t how);

static seen do_put(client *c, size_t name, uint8_t how)
{
    return client_put(c, name, (uint64_t)how * 17);
}
static seen do_get(client *c, size_t name, uint8_t how)
{
    (void)how;
    return client_get(c, name);
}
static seen do_range(client *c, size_t name, uint8_t how)
{
    return client_get_range(c, name, (uint64_t)how * 3, 1 + how);
}
static seen do_head(client *c, size_t name, uint8_t how)
{
    (void)how;
    return client_head(c, name);
}
static seen do_delete(client *c, size_t name, uint8_t how)
{
    (void)how;
    return client_delete(c, name);
}
static seen do_list(client *c, size_t name, uint8_t how)
{
    (void)name;
    (void)how;
    return client_list(c, "own/");
}
static seen do_ready(client *c, size_t name, uint8_t how)
{
    (void)name;
    (void)how;
    return client_ready(c);
}

static const act acts[] = {do_put, do_get, do_range, do_head, do_delete, do_list, do_ready};
#define ACTS (sizeof acts / sizeof acts[0])

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    script = (fuzz_input){bytes, length};
    client *c = actor_begin();
    for (unsigned i = 0; i < OPERATIONS_MOST && script.left > 0; i++) {
        act a = acts[fuzz_byte(&script) % ACTS];
        uint8_t how = fuzz_byte(&script);
        if (a == do_list && c->stage->driver->list == NULL)
            continue;
        seen s = a(c, actor_name(c, how), how);
        ORACLE(s.outcome != OUTCOME_OK || (s.status >= 200 && s.status < 300) || s.status == 404 ||
               s.status == 410 || s.status == 503);
    }
    actor_end(c, false);
    return 0;
}
