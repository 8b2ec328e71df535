/* JSON bodies through the decoders of every route that takes one.
 *
 * The first byte chooses the route; from 248 on the body goes to the server that must not take it,
 * from 252 on blanks behind it fill it up to about the most bytes that a document may have.
 *
 * Oracles beyond those of talk.h: a body is refused as no JSON exactly when a second parser refuses
 * it (json_reading.h lists what they may differ in), as invalid exactly when a second reading of
 * the route's rules says so (body_rules.h), and answered as what the server holds demands
 * (body_state.h). */
#include <stdio.h>
#include <string.h>

#include "body_state.h"
#include "fuzz.h"
#include "talk.h"

#define FIRST_ELSEWHERE 248
#define FIRST_FILLED    252
#define DOCUMENT_MOST   ((size_t)4 << 20)

static const struct {
    const char *target;
    service_kind kind;
    unsigned elsewhere; /* what the other server answers, if it is JSON or not read at all */
} ways[BODY_ROUTES] = {
    [BODY_MOVES] = {"/v1/moves", SERVICE_OPEN, 401},
    [BODY_SHARE] = {"/v1/shares", SERVICE_OPEN, 401},
    [BODY_REGISTER] = {"/v1/register", SERVICE_ACCOUNTS, 404},
    [BODY_LOGIN] = {"/v1/login", SERVICE_ACCOUNTS, 404},
};

/* Blanks stand behind the input, where a body goes on. */
static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const fuzz_input *in = owner;
    size_t some = offset < in->left ? in->left - (size_t)offset : 0;
    if (some > length)
        some = length;
    if (some > 0)
        memcpy(bytes, in->at + offset, some);
    memset((char *)bytes + some, ' ', length - some);
}

static bool answers(const wire_answer *answer, const char *sentence)
{
    return memmem(answer->body.bytes, answer->body.length, sentence, strlen(sentence)) != NULL;
}

static void check_not_json(const json_reading *r, const wire_answer *answer)
{
    bool refused = answer->status == 400 && answers(answer, "the content is not JSON: ");
    if (refused != (r->refusal != NULL))
        fprintf(stderr, "second reading: %s; answer: %.*s\n",
                r->refusal != NULL ? r->refusal : "it is JSON", (int)answer->body.length,
                buffer_text(&answer->body));
    ORACLE(refused == (r->refusal != NULL));
}

static void check_taken(body_route way, const json_reading *r, const wire_request *asked,
                        const wire_answer *answer)
{
    const char *broken = body_rule_broken(way, r);
    if ((answer->status == 400) != (broken != NULL))
        fprintf(stderr, "second reading: %s; answer: %.*s\n",
                broken != NULL ? broken : "it keeps the rules", (int)answer->body.length,
                buffer_text(&answer->body));
    ORACLE((answer->status == 400) == (broken != NULL));
    if (broken == NULL)
        state_check(way, r, asked, answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static json_reading reading;
    fuzz_input in = {bytes, length};
    state_prepare();
    uint8_t first = fuzz_byte(&in);
    body_route way = first % BODY_ROUTES;
    bool filled = first >= FIRST_FILLED;
    bool elsewhere = !filled && first >= FIRST_ELSEWHERE;
    /* One byte less, exactly as many, or one more. */
    size_t aim = filled ? DOCUMENT_MOST - 1 + fuzz_byte(&in) % 3u : 0;
    size_t whole = in.left > aim ? in.left : aim;
    wire_request asked = {
        .method = "POST",
        .target = ways[way].target,
        .port = service_port(elsewhere ? SERVICE_KINDS - 1 - ways[way].kind : ways[way].kind),
        .length = whole,
        .send = send_body,
        .owner = &in,
        .piece = 1 + whole / 2,
        .goes_at = UINT64_MAX,
        .address = 0x7f000001,
    };
    wire_answer answer;
    talk_ask(&asked, false, &answer);
    bool unread = elsewhere && ways[way].elsewhere == 401;
    if (!unread && whole <= DOCUMENT_MOST) {
        json_read(&reading, in.at, in.left);
        check_not_json(&reading, &answer);
    }
    if (whole > DOCUMENT_MOST)
        ORACLE(answer.status == (unread ? 401 : 413));
    else if (elsewhere && (unread || reading.refusal == NULL))
        ORACLE(answer.status == ways[way].elsewhere);
    else if (reading.refusal == NULL)
        check_taken(way, &reading, &asked, &answer);
    wire_release(&answer);
    return 0;
}
