/* JSON bodies through the decoders of every route that takes one: the first byte chooses the route.
 *
 * Oracles beyond those of talk.h: what is accepted is JSON for a second parser too (yajl). The
 * other way round they may differ: jansson refuses repeated names, numbers out of range and
 * "\u0000", and yajl does not. */
#include <string.h>

#include "fuzz.h"
#include "talk.h"

static const struct {
    const char *method;
    const char *target;
    service_kind kind;
} ways[] = {
    {"POST", "/v1/moves", SERVICE_OPEN},
    {"POST", "/v1/shares", SERVICE_OPEN},
    {"POST", "/v1/register", SERVICE_ACCOUNTS},
    {"POST", "/v1/login", SERVICE_ACCOUNTS},
};
#define WAYS        (sizeof ways / sizeof ways[0])
#define INPUTS_MOST 20000 /* then the servers begin again with empty disks */

static void send_input(void *owner, uint64_t offset, void *bytes, size_t length)
{
    memcpy(bytes, (const uint8_t *)owner + offset, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    fuzz_input in = {bytes, length};
    if (++number % INPUTS_MOST == 0)
        service_renew();
    unsigned way = fuzz_byte(&in) % WAYS;
    wire_request asked = {
        .method = ways[way].method,
        .target = ways[way].target,
        .port = service_port(ways[way].kind),
        .length = in.left,
        .send = send_input,
        .owner = (void *)(uintptr_t)in.at,
        .piece = 1 + in.left / 2,
        .goes_at = UINT64_MAX,
        .address = 0x7f000001,
    };
    wire_answer answer;
    talk_ask(&asked, false, &answer);
    if (answer.status < 300)
        ORACLE(talk_is_json(in.at, in.left));
    wire_release(&answer);
    return 0;
}
