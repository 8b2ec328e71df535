#include "explore/trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "client/files.h"
#include "client/uploads.h"
#include "explore/judging.h"
#include "run/interrupt.h"

#define READ_TRIES 3
#define READ_PAUSE (20 * NANOSECONDS_PER_MILLISECOND)

bool trial_prepare(trial *t, const scenario *s, replay *r, past *p, const char *work, error *e)
{
    *t = (trial){.scenario = s, .replay = r, .past = p};
    snprintf(t->work, sizeof t->work, "%s", work);
    return files_join(t->disk, sizeof t->disk, work, "data", e) &&
           files_join(t->history, sizeof t->history, work, "history.bin", e) &&
           files_make_directories(t->disk, 0755, e) &&
           server_prepare(&t->server, s, t->disk, work, e);
}

void trial_release(trial *t)
{
    server_release(&t->server);
}

typedef struct {
    trial *trial;
    client *client;
    uint64_t cut;
} reading;

static void read_one(void *owner, const char *name)
{
    const reading *r = owner;
    for (int tries = 0; tries < READ_TRIES && !interrupt_asked(); tries++) {
        if (tries > 0)
            lane_sleep(r->client->lane, READ_PAUSE);
        if (client_get_named(r->client, name).outcome == OUTCOME_OK)
            break;
    }
}

/* An upload may be gone with the power; one that is there must hold what was acknowledged of it. */
static void finish_one(void *owner, const char *name, const char *place, const history_record *made)
{
    const reading *r = owner;
    resource what = {.value = made->value, .size = made->size};
    if (!interrupt_asked())
        client_upload_take_over(r->client, name, place, &what);
}

static void read_all(client *c, void *argument)
{
    reading *r = argument;
    r->client = c;
    past_visit_names(r->trial->past, r->cut, TRIAL_NAMES_MOST, read_one, r);
}

static void finish_uploads(client *c, void *argument)
{
    reading *r = argument;
    r->client = c;
    past_visit_uploads(r->trial->past, r->cut, finish_one, r);
}

static bool record_visit(trial *t, uint64_t cut, error *e)
{
    if (unlink(t->history) != 0 && errno != ENOENT)
        return error_errno(e, t->history, "cannot be removed");
    history_writer *w = history_create(t->history, 1, e);
    if (w == NULL)
        return false;
    reading r = {.trial = t, .cut = cut};
    past_write(t->past, cut, w);
    uint32_t number = past_free_client(t->past);
    /* Final is what comes before the uploads are gone on with: that changes the names again. */
    bool done = server_visit(&t->server, w, number, FLAG_FINAL, read_all, &r, e) &&
                server_settle(&t->server, w, number + 1, e) &&
                server_visit(&t->server, w, number + 1 + (uint32_t)t->scenario->group_count, 0,
                             finish_uploads, &r, e);
    return history_close(w, e) && done;
}

static bool judge_visit(const trial *t, trial_finding *out, error *e)
{
    judged found;
    if (!judging_ask(t->scenario, t->history, &found, e))
        return false;
    out->violated = found.judge != NULL;
    if (out->violated) {
        snprintf(out->invariant, sizeof out->invariant, "%s", found.judge->name);
        snprintf(out->sentence, sizeof out->sentence, "%s", found.sentence);
    }
    return true;
}

bool trial_run(trial *t, const replay_disk *disk, uint64_t cut, trial_finding *out, error *e)
{
    error refused = {0};
    *out = (trial_finding){.violated = false};
    if (!files_remove_content(t->disk, e) || !replay_build(t->replay, disk, t->disk, e))
        return false;
    t->servers++;
    if (server_begin(&t->server, &refused)) {
        bool done = record_visit(t, cut, e);
        server_end(&t->server);
        return done && judge_visit(t, out, e);
    }
    if (interrupt_asked())
        return true;
    if (refused.kind != ERROR_TARGET)
        return error_set(e, refused.kind, refused.place, "%s", refused.text);
    out->violated = true;
    snprintf(out->invariant, sizeof out->invariant, "recovery");
    snprintf(out->sentence, sizeof out->sentence, "the target does not start on this disk: %.300s",
             refused.text);
    return true;
}
