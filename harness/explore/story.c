#include "explore/story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/timing.h"
#include "client/files.h"
#include "plan/plan.h"
#include "run/interrupt.h"

#define READ_TRIES 3
#define PAUSE      (20 * NANOSECONDS_PER_MILLISECOND)

/* --- the stage --- */

static void enlist(story *t)
{
    const scenario *s = t->scenario;
    t->clients = memory_zeroed((size_t)scenario_client_count(s) + 1, sizeof *t->clients);
    for (size_t g = 0; g < s->group_count; g++)
        for (uint64_t i = 0; i < s->groups[g].count; i++) {
            story_client *one = &t->clients[t->client_count++];
            one->group = &s->groups[g];
            one->number = (uint32_t)t->client_count;
            one->memory = memory_zeroed(1, one->group->behaviour->memory_size + 1);
        }
}

/* As nobody had ever done anything. */
static void forget_clients(story *t)
{
    for (size_t i = 0; i < t->client_count; i++) {
        story_client *one = &t->clients[i];
        one->sequence = 0;
        one->random = plan_client_stream(t->scenario, one->number);
        one->token[0] = '\0';
        memset(one->memory, 0, one->group->behaviour->memory_size);
    }
}

static bool mount_disk(story *t, const scratch *work, char point[560], error *e)
{
    char backing[560];
    char control[560];
    if (!files_join(backing, sizeof backing, work->path, "backing", e) ||
        !files_join(point, 560, work->path, "data", e) ||
        !files_join(control, sizeof control, work->path, "control", e) ||
        !files_make_directories(backing, 0755, e))
        return false;
    storage_mount_options options = {.backing = backing, .mount = point, .control = control};
    t->mount = storage_mount_start(&options, e);
    return t->mount != NULL && marker_add(work->marker, RESOURCE_MOUNT, point, e);
}

bool story_open(story *t, const scenario *s, const scratch *work, error *e)
{
    char point[560];
    *t = (story){.scenario = s};
    enlist(t);
    if (files_join(t->history, sizeof t->history, work->path, "history.bin", e) &&
        mount_disk(t, work, point, e) &&
        server_prepare(&t->server, s, storage_mount_point(t->mount), work->path, e))
        return true;
    error ignored = {0};
    story_close(t, &ignored);
    return false;
}

bool story_close(story *t, error *e)
{
    server_release(&t->server);
    for (size_t i = 0; i < t->client_count; i++)
        free(t->clients[i].memory);
    free(t->clients);
    return t->mount == NULL || storage_mount_stop(t->mount, e);
}

/* --- one telling --- */

typedef struct {
    story *story;
    story_fault armed;
    story_end *out;
    history_writer *history;
    int slots[PHASES]; /* -1: not armed */
} telling;

static void blame(telling *n, const char *invariant, const char *sentence)
{
    if (n->out->invariant[0] != '\0')
        return;
    snprintf(n->out->invariant, sizeof n->out->invariant, "%s", invariant);
    snprintf(n->out->sentence, sizeof n->out->sentence, "%.390s", sentence);
}

static void record_event(telling *n, event_type type, bool planned, const char *text)
{
    uint64_t now = history_now(n->history);
    history_record r = {.kind = RECORD_EVENT,
                        .type = (uint8_t)type,
                        .invoke = now,
                        .finish = now,
                        .status = planned,
                        .detail = history_name(n->history, text, strlen(text))};
    history_append(n->history, 0, &r);
}

static bool arm(telling *n, story_phase phase, error *e)
{
    storage_rule rule = n->armed.rules[phase];
    n->slots[phase] = -1;
    if (rule.operations == 0)
        return true;
    n->slots[phase] = storage_mount_arm(n->story->mount, &rule, e);
    return n->slots[phase] >= 0;
}

/* Heals, opens the gate of a kill, and takes the counters. */
static bool disarm(telling *n, story_phase phase, error *e)
{
    storage_mount *m = n->story->mount;
    int slot = n->slots[phase];
    if (slot < 0)
        return true;
    for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++) {
        n->out->seen[phase][o] = storage_mount_seen_by(m, slot, o);
        n->out->fired[phase][o] = storage_mount_fired_by(m, slot, o);
    }
    return storage_mount_disarm(m, slot, e) &&
           (!storage_mount_crashed(m) || storage_mount_reopen(m, e));
}

static uint64_t fired(const telling *n, story_phase phase)
{
    return n->slots[phase] < 0 ? 0 : storage_mount_fired(n->story->mount, n->slots[phase]);
}

static bool start(telling *n, error *e)
{
    n->story->servers++;
    if (!server_begin(&n->story->server, e))
        return false;
    record_event(n, EVENT_TARGET_START, true, "");
    return true;
}

static void end(telling *n)
{
    server_end(&n->story->server);
    record_event(n, EVENT_TARGET_EXIT, true, "");
}

/* --- turns --- */

static void take_turn(client *c, void *argument)
{
    story_client *one = argument;
    c->values = one->group->values;
    c->memory = one->memory;
    c->random = one->random;
    c->sequence = one->sequence;
    snprintf(c->token, sizeof c->token, "%s", one->token);
    one->group->behaviour->turn(c);
    one->sequence = c->sequence;
    one->random = c->random;
    snprintf(one->token, sizeof one->token, "%s", c->token);
}

/* `complaints`: operations that did not end well. */
static bool take_turns(telling *n, uint64_t *complaints, error *e)
{
    story *t = n->story;
    uint64_t before = counters_read(&t->server.stage.counters).failed;
    for (size_t i = 0; i < t->client_count && !interrupt_asked(); i++)
        if (!server_visit(&t->server, n->history, t->clients[i].number, 0, take_turn,
                          &t->clients[i], e))
            return false;
    *complaints = counters_read(&t->server.stage.counters).failed - before;
    return true;
}

/* The story under its fault. A victim that a rule killed is down when this returns. */
static bool tell_hurt(telling *n, error *e)
{
    uint64_t ignored;
    story *t = n->story;
    storage_rule *rule = &n->armed.rules[PHASE_STORY];
    rule->pid = supervisor_pid(t->server.supervisor);
    if (!arm(n, PHASE_STORY, e) || !take_turns(n, &ignored, e))
        return false;
    bool killed = storage_mount_crashed(t->mount);
    error none = {0};
    const process_control *process = supervisor_control(t->server.supervisor);
    if (killed)
        process->wait_exit(process->owner, 10 * NANOSECONDS_PER_SECOND, &none);
    else if (supervisor_died(t->server.supervisor))
        blame(n, "process-hygiene", "the target ended by itself under the fault");
    return disarm(n, PHASE_STORY, e);
}

/* A server that has outlived the fault must come round. */
static bool tell_healed(telling *n, error *e)
{
    uint64_t complaints = 1;
    uint64_t deadline = timing_now() + n->story->scenario->quiet;
    if (supervisor_pid(n->story->server.supervisor) == 0)
        return true;
    for (bool first = true; complaints > 0 && !interrupt_asked(); first = false) {
        if (!first)
            timing_sleep(PAUSE);
        if (!take_turns(n, &complaints, e))
            return false;
        if (complaints > 0 && timing_now() > deadline) {
            blame(n, "recovery",
                  "it never told the story without a complaint again, though the "
                  "fault was over");
            return true;
        }
    }
    return true;
}

/* --- the recovery --- */

/* The rule was armed before there was a process. */
static bool name_victim(void *owner, pid_t pid, error *e)
{
    (void)e;
    telling *n = owner;
    storage_mount_victim(n->story->mount, n->slots[PHASE_RECOVERY], pid);
    return true;
}

/* May fail: the disk is broken under it. */
static bool start_hurt(telling *n, error *e)
{
    error refused = {0};
    server *v = &n->story->server;
    if (n->armed.rules[PHASE_RECOVERY].operations == 0)
        return true;
    if (!arm(n, PHASE_RECOVERY, e))
        return false;
    v->options.child_launched = name_victim;
    v->options.launch_owner = n;
    bool started = start(n, &refused);
    v->options.child_launched = NULL;
    if (started)
        end(n);
    else if (refused.kind != ERROR_TARGET)
        return error_set(e, refused.kind, refused.place, "%s", refused.text);
    if (!started && fired(n, PHASE_RECOVERY) == 0)
        blame(n, "recovery", refused.text);
    return disarm(n, PHASE_RECOVERY, e);
}

static void read_all(client *c, void *argument)
{
    const story *t = argument;
    const keyspace *keys = t->server.stage.keys;
    for (size_t i = 0; i < keyspace_count(keys); i++)
        for (int tries = 0; tries < READ_TRIES && keyspace_touched(keys, i); tries++) {
            if (client_get(c, i).outcome == OUTCOME_OK || interrupt_asked())
                break;
            lane_sleep(c->lane, PAUSE);
        }
}

static bool recover(telling *n, error *e)
{
    error refused = {0};
    story *t = n->story;
    uint32_t number = (uint32_t)t->client_count + 1;
    end(n);
    if (!start_hurt(n, e))
        return false;
    if (start(n, &refused)) {
        bool read = server_visit(&t->server, n->history, number, FLAG_FINAL, read_all, t, e) &&
                    server_settle(&t->server, n->history, number + 1, e);
        end(n);
        return read;
    }
    if (refused.kind != ERROR_TARGET)
        return error_set(e, refused.kind, refused.place, "%s", refused.text);
    blame(n, "recovery", refused.text);
    return true;
}

/* --- the whole --- */

static bool tell_all(telling *n, error *e)
{
    uint64_t ignored;
    bool told = start(n, e) && take_turns(n, &ignored, e) && tell_hurt(n, e) && tell_healed(n, e) &&
                recover(n, e);
    server_end(&n->story->server);
    return told;
}

static bool judge_telling(telling *n, error *e)
{
    judged found;
    if (n->out->invariant[0] != '\0' || interrupt_asked())
        return true;
    if (!judging_ask(n->story->scenario, n->story->history, &found, e))
        return false;
    if (found.judge != NULL)
        blame(n, found.judge->name, found.sentence);
    return true;
}

bool story_tell(story *t, const story_fault *hurt, story_end *out, error *e)
{
    telling n = {.story = t, .armed = *hurt, .out = out, .slots = {-1, -1}};
    *out = (story_end){.invariant = ""};
    if (unlink(t->history) != 0 && errno != ENOENT)
        return error_errno(e, t->history, "cannot be removed");
    if (!files_remove_content(storage_mount_point(t->mount), e))
        return false;
    n.history = history_create(t->history, 1, e);
    if (n.history == NULL)
        return false;
    forget_clients(t);
    server_forget(&t->server);
    bool told = tell_all(&n, e);
    return history_close(n.history, e) && told && judge_telling(&n, e);
}
