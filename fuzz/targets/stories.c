/* Whole stories told through the harness's own driver to the server in this process, and judged by
 * the run's own judges. The first byte says whether the server has accounts; then come steps of
 * three bytes: what, on which name, how.
 *
 * Storage faults fail what they hit, clocks step, the server restarts; whatever was acknowledged
 * must still be judged right. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
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
#include "exchange_here.h"
#include "faults.h"
#include "fuzz.h"
#include "mutators/stories.h"
#include "service_here.h"
#include "talk.h"
#include "uploads.h"

#define STEPS_MOST    40
#define STORIES_MOST  500 /* then the servers begin again with empty disks */
#define RESTARTS_MOST 1
#define CALLS         (CALL_STEP + 1) /* that fail here; the bytes of the seeds stand for these */
#define ACCOUNTS      2

typedef struct {
    client *client;
    service_kind kind;
    seen last[ACTOR_NAMES]; /* what was seen last under each name */
    notice uploads[ACTOR_NAMES];
    notice shares[ACTOR_NAMES];
    bool appended[ACTOR_NAMES]; /* to the channel of each name, once at least */
    watch watch;
    uint64_t account; /* the one that it is logged in to */
    bool full;        /* a fault that says so is on */
    unsigned restarts;
} story;

typedef void (*step)(story *s, unsigned which, uint8_t how);

static const uint64_t lengths[] = {0, 1, 15, 16, 100, 511, 512, 513, 4095, 4096, 4097, 20000};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

static uint64_t length_of(uint8_t how)
{
    return lengths[how % LENGTHS];
}

static size_t name_of(const story *s, unsigned which)
{
    return actor_name(s->client, which);
}

/* --- files and their versions --- */

static void step_put(story *s, unsigned which, uint8_t how)
{
    s->last[which] = client_put(s->client, name_of(s, which), length_of(how));
}

static void step_put_new(story *s, unsigned which, uint8_t how)
{
    client_put_if(s->client, name_of(s, which), length_of(how), NULL);
}

static void step_put_over(story *s, unsigned which, uint8_t how)
{
    seen *before = &s->last[which];
    if (before->tag[0] != '\0')
        *before = client_put_if(s->client, name_of(s, which), length_of(how), before);
}

static void step_get(story *s, unsigned which, uint8_t how)
{
    (void)how;
    s->last[which] = client_get(s->client, name_of(s, which));
}

static void step_range(story *s, unsigned which, uint8_t how)
{
    client_get_range(s->client, name_of(s, which), length_of(how), 1 + length_of(how / 16));
}

static void step_head(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_head(s->client, name_of(s, which));
}

static void step_delete(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_delete(s->client, name_of(s, which));
}

static void step_list(story *s, unsigned which, uint8_t how)
{
    char prefix[KEY_NAME_SIZE];
    (void)which;
    (void)how;
    keyspace_own_prefix(s->client->stage->keys, s->client->number, prefix);
    client_list(s->client, prefix);
}

static void step_versions(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_versions(s->client, name_of(s, which));
}

static void step_get_version(story *s, unsigned which, uint8_t how)
{
    client_get_version(s->client, name_of(s, which), 1 + how % 8);
}

static void step_restore(story *s, unsigned which, uint8_t how)
{
    client_restore(s->client, name_of(s, which), 1 + how % 8);
}

static void step_move(story *s, unsigned which, uint8_t how)
{
    key_pair pairs[2] = {{name_of(s, which), name_of(s, how)},
                         {name_of(s, how / 4), name_of(s, how / 16)}};
    client_move(s->client, pairs, 1 + how / 64 % 2, how < 128);
}

static void step_cleanup(story *s, unsigned which, uint8_t how)
{
    (void)which;
    (void)how;
    client_cleanup(s->client);
}

/* --- uploads --- */

static void step_upload(story *s, unsigned which, uint8_t how)
{
    notice *session = &s->uploads[which];
    *session = (notice){.key_index = 0};
    if (client_upload_create(s->client, name_of(s, which), 1 + length_of(how), session).outcome !=
        OUTCOME_OK)
        session->what.size = 0;
}

static void step_piece(story *s, unsigned which, uint8_t how)
{
    notice *session = &s->uploads[which];
    if (session->what.offset < session->what.size)
        client_upload_piece(s->client, session, length_of(how));
}

static void step_cut_piece(story *s, unsigned which, uint8_t how)
{
    notice *session = &s->uploads[which];
    if (session->what.offset < session->what.size)
        client_upload_cut_piece(s->client, session, 0, 1 + length_of(how));
}

static void step_offset(story *s, unsigned which, uint8_t how)
{
    (void)how;
    if (s->uploads[which].what.size > 0)
        client_upload_offset(s->client, &s->uploads[which]);
}

static void step_cancel(story *s, unsigned which, uint8_t how)
{
    (void)how;
    if (s->uploads[which].what.size > 0)
        client_upload_cancel(s->client, &s->uploads[which]);
}

/* --- shares, channels, changes --- */

static void step_share(story *s, unsigned which, uint8_t how)
{
    notice *ticket = &s->shares[which];
    *ticket = (notice){.key_index = 0};
    client_share_create(s->client, name_of(s, which), how % 4, how / 4, ticket);
}

static void step_share_get(story *s, unsigned which, uint8_t how)
{
    (void)how;
    if (s->shares[which].what.address[0] != '\0')
        client_share_get(s->client, &s->shares[which]);
}

static void step_share_delete(story *s, unsigned which, uint8_t how)
{
    (void)how;
    if (s->shares[which].what.address[0] != '\0')
        client_share_delete(s->client, &s->shares[which]);
}

static uint64_t channel_of(const story *s, unsigned which)
{
    return (uint64_t)s->client->number * ACTOR_NAMES + which;
}

static void step_append(story *s, unsigned which, uint8_t how)
{
    static const sample_fault faults[] = {SAMPLES_VALID,     SAMPLES_VALID, SAMPLES_VALID,
                                          TIMESTAMP_ZERO,    SAMPLES_VALID, SAMPLES_VALID,
                                          TIMESTAMP_MISSING, TIMESTAMP_NAN};
    uint64_t samples = how == 255 ? 1001 : 1 + how / 8;
    seen taken =
        client_channel_append(s->client, channel_of(s, which), samples, which, faults[how % 8]);
    s->appended[which] = s->appended[which] || taken.outcome == OUTCOME_OK;
}

static void step_read_channel(story *s, unsigned which, uint8_t how)
{
    (void)how;
    client_channel_read(s->client, channel_of(s, which));
}

static void step_watch(story *s, unsigned which, uint8_t how)
{
    (void)which;
    if (s->watch.name == 0 || how == 0)
        watch_begin(s->client, &s->watch);
    client_watch(s->client, &s->watch, 0, 0);
}

/* --- accounts: each story has some of its own --- */

static uint64_t account_of(const story *s, unsigned which)
{
    return (uint64_t)s->client->number * ACCOUNTS + which % ACCOUNTS;
}

static void step_register(story *s, unsigned which, uint8_t how)
{
    client_register(s->client, account_of(s, which), how % 4 == 0 ? "Free" : "Trial");
}

static void step_login(story *s, unsigned which, uint8_t how)
{
    (void)how;
    s->account = account_of(s, which);
    client_login(s->client, s->account);
}

static void step_usage(story *s, unsigned which, uint8_t how)
{
    (void)which;
    (void)how;
    client_usage(s->client, s->account);
}

/* As large as a file of the plan Trial may be, or larger; ten and more fill the quota. */
static void step_account_put(story *s, unsigned which, uint8_t how)
{
    static const uint64_t more[] = {99999, 100000, 100001, 60000};
    client_account_put(s->client, s->account, which + how / 64 * ACTOR_NAMES,
                       how % 2 == 0 ? more[how / 2 % 4] : length_of(how));
}

static void step_account_get(story *s, unsigned which, uint8_t how)
{
    client_account_get(s->client, s->account, which + how / 64 * ACTOR_NAMES);
}

static void step_account_delete(story *s, unsigned which, uint8_t how)
{
    client_account_delete(s->client, s->account, which + how / 64 * ACTOR_NAMES);
}

/* --- what happens to the server --- */

static void step_clock(story *s, unsigned which, uint8_t how)
{
    (void)s;
    if (which == 0)
        faults_step(-(int64_t)how * 60, false);
    else
        faults_step(how, true);
}

static void step_sweep(story *s, unsigned which, uint8_t how)
{
    (void)which;
    (void)how;
    uploads_sweep(service_of_process(s->kind)->uploads);
}

static void arm(story *s, faulty_call call, uint32_t nth, int number, bool for_ever)
{
    if (!faults_armed())
        actor_mark_fault(s->client, "io-error", true);
    if (number == ENOSPC && !s->full) {
        actor_mark_fault(s->client, "disk-full", true);
        s->full = true;
    }
    faults_arm(call, nth, number, for_ever);
}

static void step_fault(story *s, unsigned which, uint8_t how)
{
    static const int numbers[] = {EIO, ENOSPC, ENOENT, EMFILE};
    arm(s, (faulty_call)(how % CALLS), 1 + how / 64, numbers[which], (how & 32) != 0);
}

static void step_heal(story *s, unsigned which, uint8_t how)
{
    (void)which;
    (void)how;
    if (!faults_armed())
        return;
    talk_heal(s->kind);
    actor_mark_fault(s->client, "io-error", false);
    if (s->full)
        actor_mark_fault(s->client, "disk-full", false);
    s->full = false;
}

static void step_restart(story *s, unsigned which, uint8_t how)
{
    if (s->restarts++ >= RESTARTS_MOST)
        return;
    if (how % 2 == 0)
        step_heal(s, which, how);
    ORACLE(service_restart(s->kind) || faults_armed());
    step_heal(s, which, how);
}

#define THE_SERVERS step_clock, step_sweep, step_fault, step_heal, step_restart

static const step steps[] = {
    step_put,     step_put_new,   step_put_over,  step_get,          step_range,
    step_head,    step_delete,    step_list,      step_versions,     step_get_version,
    step_restore, step_move,      step_cleanup,   step_upload,       step_piece,
    step_piece,   step_cut_piece, step_offset,    step_cancel,       step_share,
    step_append,  step_share_get, step_share_get, step_share_delete, step_read_channel,
    step_watch,   THE_SERVERS,
};
static const step account_steps[] = {
    step_register,    step_login,       step_usage,          step_account_put,
    step_account_put, step_account_get, step_account_delete, THE_SERVERS,
};
#define STEPS         (sizeof steps / sizeof steps[0])
#define ACCOUNT_STEPS (sizeof account_steps / sizeof account_steps[0])
_Static_assert(STEPS == STORY_STEPS && ACCOUNT_STEPS == STORY_ACCOUNT_STEPS, "see the mutator");

/* What was acknowledged is missed, not forgotten, while its file cannot be found. */
static void look_for_lost(story *s)
{
    for (unsigned i = 0; i < ACTOR_NAMES; i++)
        if (s->appended[i]) {
            arm(s, CALL_OPEN, 1, ENOENT, true);
            client_channel_read(s->client, channel_of(s, i));
        }
}

/* What a story leaves is looked at without faults. */
static void look_back(story *s)
{
    step_heal(s, 0, 0);
    look_for_lost(s);
    step_heal(s, 0, 0);
    s->client->flags = FLAG_FINAL;
    for (unsigned i = 0; i < ACTOR_NAMES && s->kind == SERVICE_OPEN; i++) {
        client_get(s->client, name_of(s, i));
        client_head(s->client, name_of(s, i));
        client_channel_read(s->client, channel_of(s, i));
    }
    for (unsigned i = 0; i < ACCOUNTS && s->kind == SERVICE_ACCOUNTS; i++) {
        step_login(s, i, 0);
        for (uint64_t which = 0; which < (uint64_t)4 * ACTOR_NAMES; which++)
            client_account_get(s->client, s->account, which);
        step_usage(s, i, 0);
    }
}

static void begin(story *s, service_kind kind)
{
    s->kind = kind;
    exchange_here(kind);
    s->client = actor_begin(driver_named("reference"));
    if (kind == SERVICE_ACCOUNTS) {
        step_register(s, 0, 1);
        step_login(s, 0, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    fuzz_input in = {bytes, length};
    story s = {.restarts = 0};
    if (++number % STORIES_MOST == 0)
        service_renew();
    begin(&s, STORY_HAS_ACCOUNTS(fuzz_byte(&in)) ? SERVICE_ACCOUNTS : SERVICE_OPEN);
    for (unsigned i = 0; i < STEPS_MOST && in.left > 0; i++) {
        uint8_t what = fuzz_byte(&in);
        unsigned which = fuzz_byte(&in) % ACTOR_NAMES;
        step one =
            s.kind == SERVICE_OPEN ? steps[what % STEPS] : account_steps[what % ACCOUNT_STEPS];
        one(&s, which, fuzz_byte(&in));
    }
    look_back(&s);
    actor_end(s.client, true);
    talk_settled(s.kind);
    talk_no_session(s.kind);
    return 0;
}
