/* Whole stories told through the harness's own driver to the server in this process, and judged by
 * the run's own judges. An input is steps of three bytes: what, on which name, how.
 *
 * Storage faults fail what they hit; whatever was acknowledged must still be judged right. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "base/timing.h"
#include "client/files.h"
#include "client/list.h"
#include "faults.h"
#include "fuzz.h"
#include "service_here.h"
#include "talk.h"

#define STEPS_MOST   40
#define STORIES_MOST 500 /* then the server begins again with an empty disk */

/* --- an exchange without a network --- */

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

/* --- steps --- */

typedef struct {
    client *client;
    seen last[ACTOR_NAMES]; /* what was seen last under each name */
} story;

typedef void (*step)(story *s, unsigned which, uint8_t how);

static const uint64_t lengths[] = {0, 1, 15, 16, 100, 511, 512, 513, 4095, 4096, 4097, 20000};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

static void step_put(story *s, unsigned which, uint8_t how)
{
    s->last[which] = client_put(s->client, actor_name(s->client, which), lengths[how % LENGTHS]);
}

static void step_put_new(story *s, unsigned which, uint8_t how)
{
    client_put_if(s->client, actor_name(s->client, which), lengths[how % LENGTHS], NULL);
}

static void step_put_over(story *s, unsigned which, uint8_t how)
{
    seen *before = &s->last[which];
    if (before->tag[0] != '\0')
        *before =
            client_put_if(s->client, actor_name(s->client, which), lengths[how % LENGTHS], before);
}

static void step_get(story *s, unsigned which, uint8_t how)
{
    (void)how;
    s->last[which] = client_get(s->client, actor_name(s->client, which));
}

static void step_range(story *s, unsigned which, uint8_t how)
{
    client_get_range(s->client, actor_name(s->client, which), lengths[how % LENGTHS],
                     1 + lengths[(how / 16) % LENGTHS]);
}

static void step_head(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_head(s->client, actor_name(s->client, which));
}

static void step_delete(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_delete(s->client, actor_name(s->client, which));
}

static void step_clock(story *s, unsigned which, uint8_t how)
{
    (void)s;
    if (which == 0)
        faults_step(-(int64_t)how * 60, false);
    else
        faults_step(how, true);
}

static void step_fault(story *s, unsigned which, uint8_t how)
{
    static const int numbers[] = {EIO, ENOSPC, ENOENT, EMFILE};
    if (!faults_armed())
        actor_mark_fault(s->client, true);
    faults_arm((faulty_call)(how % CALL_COUNT), 1 + how / 64, numbers[which], (how & 32) != 0);
}

static void step_heal(story *s, unsigned which, uint8_t how)
{
    (void)which;
    (void)how;
    if (faults_armed())
        actor_mark_fault(s->client, false);
    faults_disarm();
}

static const step steps[] = {step_put,  step_put_new, step_put_over, step_get,   step_range,
                             step_head, step_delete,  step_clock,    step_fault, step_heal};
#define STEPS (sizeof steps / sizeof steps[0])

/* What a story leaves is looked at without faults. */
static void look_back(story *s)
{
    step_heal(s, 0, 0);
    for (unsigned i = 0; i < ACTOR_NAMES; i++) {
        client_get(s->client, actor_name(s->client, i));
        client_head(s->client, actor_name(s->client, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    fuzz_input in = {bytes, length};
    story s = {0};
    service_of_process();
    if (++number % STORIES_MOST == 0)
        service_renew();
    s.client = actor_begin();
    for (unsigned i = 0; i < STEPS_MOST && in.left > 0; i++) {
        step what = steps[fuzz_byte(&in) % STEPS];
        unsigned which = fuzz_byte(&in) % ACTOR_NAMES;
        what(&s, which, fuzz_byte(&in));
    }
    look_back(&s);
    actor_end(s.client, true);
    talk_settled();
    return 0;
}
