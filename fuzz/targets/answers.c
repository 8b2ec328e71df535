/* A hostile server: what the drivers make of any answer to any of their requests.
 *
 * Input: which driver, and whether the last answer comes again for ever; then for each operation:
 * which one, its name, then the answer: status, how it ends, its fields as lines up to an empty
 * one, its body up to "====" on a line of its own. Oracles: an operation is ok only after a
 * complete answer; everything recorded can be read again, and the judges answer. */
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "base/timing.h"
#include "client/accounts.h"
#include "client/admin.h"
#include "client/changes.h"
#include "client/channels.h"
#include "client/files.h"
#include "client/list.h"
#include "client/moves.h"
#include "client/shares.h"
#include "client/uploads.h"
#include "client/versions.h"
#include "fuzz.h"

#define OPERATIONS_MOST 20
#define EXCHANGES_MOST  20000 /* of one operation; more would be without end */

static fuzz_input script;
static fuzz_input last_answer;
static bool repeats;
static unsigned exchanges; /* of this operation */
static bool broken;        /* the last of them */

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
                                        416, 429, 460, 500, 503, 507, 100, 301, 207, 0};
    (void)lane;
    *answer = (exchange_answer){.length = EXCHANGE_LENGTH_NONE,
                                .offset = EXCHANGE_LENGTH_NONE,
                                .invoke = timing_now(),
                                .sent_any = true};
    ORACLE(++exchanges <= EXCHANGES_MOST);
    if (script.left == 0 && repeats)
        script = last_answer;
    last_answer = script;
    answer->status = statuses[fuzz_byte(&script) % (sizeof statuses / sizeof statuses[0])];
    uint8_t end = fuzz_byte(&script);
    answer->failure =
        end % 4 == 3 || answer->status == 0 ? FAILURE_CONNECT + end % 5 : FAILURE_NONE;
    pull_body(wanted, answer);
    give_fields(answer);
    give_body(wanted, answer);
    broken = answer->failure != FAILURE_NONE;
    answer->finish = timing_now();
}

/* What operations leave for later ones. */
typedef struct {
    client *client;
    notice upload;
    notice share;
    watch watch;
} talker;

typedef seen (*act)(talker *t, size_t name, uint8_t how);

static seen do_put(talker *t, size_t name, uint8_t how)
{
    return client_put(t->client, name, (uint64_t)how * 17);
}

static seen do_put_if(talker *t, size_t name, uint8_t how)
{
    seen before = {.tag = "\"tag\""};
    return client_put_if(t->client, name, how, how % 2 == 0 ? NULL : &before);
}

static seen do_get(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_get(t->client, name);
}

static seen do_range(talker *t, size_t name, uint8_t how)
{
    return client_get_range(t->client, name, (uint64_t)how * 3, 1 + how);
}

static seen do_head(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_head(t->client, name);
}

static seen do_delete(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_delete(t->client, name);
}

static seen do_list(talker *t, size_t name, uint8_t how)
{
    (void)name;
    return client_list(t->client, how % 2 == 0 ? "own/" : "");
}

static seen do_versions(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_versions(t->client, name);
}

static seen do_get_version(talker *t, size_t name, uint8_t how)
{
    return client_get_version(t->client, name, 1 + how);
}

static seen do_restore(talker *t, size_t name, uint8_t how)
{
    return client_restore(t->client, name, 1 + how);
}

static seen do_move(talker *t, size_t name, uint8_t how)
{
    key_pair pairs[3] = {{name, actor_name(t->client, how)}, {name, name}, {name, name}};
    return client_move(t->client, pairs, 1 + how % 3, how < 128);
}

static seen do_upload(talker *t, size_t name, uint8_t how)
{
    return client_upload_create(t->client, name, 1 + how, &t->upload);
}

static seen do_piece(talker *t, size_t name, uint8_t how)
{
    if (t->upload.what.offset < t->upload.what.size)
        return client_upload_piece(t->client, &t->upload, how);
    return do_upload(t, name, how);
}

static seen do_offset(talker *t, size_t name, uint8_t how)
{
    return t->upload.what.size > 0 ? client_upload_offset(t->client, &t->upload)
                                   : do_upload(t, name, how);
}

static seen do_cancel(talker *t, size_t name, uint8_t how)
{
    return t->upload.what.size > 0 ? client_upload_cancel(t->client, &t->upload)
                                   : do_upload(t, name, how);
}

static seen do_share(talker *t, size_t name, uint8_t how)
{
    return client_share_create(t->client, name, how % 4, how, &t->share);
}

static seen do_share_get(talker *t, size_t name, uint8_t how)
{
    return t->share.what.address[0] != '\0' ? client_share_get(t->client, &t->share)
                                            : do_share(t, name, how);
}

static seen do_share_delete(talker *t, size_t name, uint8_t how)
{
    return t->share.what.address[0] != '\0' ? client_share_delete(t->client, &t->share)
                                            : do_share(t, name, how);
}

static seen do_append(talker *t, size_t name, uint8_t how)
{
    return client_channel_append(t->client, name, 1 + how, how, SAMPLES_VALID);
}

static seen do_read_channel(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_channel_read(t->client, name);
}

static seen do_watch(talker *t, size_t name, uint8_t how)
{
    (void)name;
    if (t->watch.name == 0 || how == 0)
        watch_begin(t->client, &t->watch);
    return client_watch(t->client, &t->watch, 0, 0);
}

static seen do_register(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_register(t->client, name, "Trial");
}

static seen do_login(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_login(t->client, name);
}

static seen do_usage(talker *t, size_t name, uint8_t how)
{
    (void)how;
    return client_usage(t->client, name);
}

static seen do_cleanup(talker *t, size_t name, uint8_t how)
{
    (void)name;
    (void)how;
    return client_cleanup(t->client);
}

static seen do_ready(talker *t, size_t name, uint8_t how)
{
    (void)name;
    (void)how;
    return client_ready(t->client);
}

static const struct {
    driver_capability needs;
    act act;
} acts[] = {
    {CAPABILITY_FILES, do_put},
    {CAPABILITY_FILES, do_get},
    {CAPABILITY_RANGES, do_range},
    {CAPABILITY_FILES, do_head},
    {CAPABILITY_FILES, do_delete},
    {CAPABILITY_LIST, do_list},
    {CAPABILITY_ADMIN, do_ready},
    {CAPABILITY_CONDITIONS, do_put_if},
    {CAPABILITY_VERSIONS, do_versions},
    {CAPABILITY_VERSIONS, do_get_version},
    {CAPABILITY_VERSIONS, do_restore},
    {CAPABILITY_MOVES, do_move},
    {CAPABILITY_UPLOADS, do_upload},
    {CAPABILITY_UPLOADS, do_piece},
    {CAPABILITY_UPLOADS, do_offset},
    {CAPABILITY_UPLOADS, do_cancel},
    {CAPABILITY_SHARES, do_share},
    {CAPABILITY_SHARES, do_share_get},
    {CAPABILITY_SHARES, do_share_delete},
    {CAPABILITY_CHANNELS, do_append},
    {CAPABILITY_CHANNELS, do_read_channel},
    {CAPABILITY_CHANGES, do_watch},
    {CAPABILITY_ACCOUNTS, do_register},
    {CAPABILITY_ACCOUNTS, do_login},
    {CAPABILITY_ACCOUNTS, do_usage},
    {CAPABILITY_ADMIN, do_cleanup},
};
#define ACTS (sizeof acts / sizeof acts[0])

/* Complete answers that say no, and are answers all the same. */
static bool may_be_ok(unsigned status)
{
    return (status >= 200 && status < 300) || status == 404 || status == 410 || status == 503;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    script = (fuzz_input){bytes, length};
    uint8_t mode = fuzz_byte(&script);
    talker t = {.client = actor_begin(drivers[mode % 128 % driver_count])};
    repeats = mode >= 128;
    last_answer = (fuzz_input){script.at + script.left, 0};
    unsigned able = t.client->stage->driver->capabilities;
    for (unsigned i = 0; i < OPERATIONS_MOST && script.left > 0; i++) {
        size_t which = fuzz_byte(&script) % ACTS;
        uint8_t how = fuzz_byte(&script);
        exchanges = 0;
        if ((able & acts[which].needs) == 0)
            continue;
        seen s = acts[which].act(&t, actor_name(t.client, how), how);
        ORACLE(s.outcome != OUTCOME_OK || (may_be_ok(s.status) && !broken));
    }
    actor_end(t.client, false);
    return 0;
}
