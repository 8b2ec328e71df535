#include "run/runner.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "base/units.h"
#include "chaos/network/proxy.h"
#include "chaos/process/memory_group.h"
#include "chaos/storage/mount.h"
#include "cleanup/marker.h"
#include "client/admin.h"
#include "client/files.h"
#include "live/live.h"
#include "run/abort_watch.h"
#include "run/crew.h"
#include "run/disks.h"
#include "run/folder.h"
#include "run/interrupt.h"
#include "run/nemesis.h"
#include "run/resources.h"
#include "run/target_clock.h"
#include "target/launch.h"
#include "target/sampler.h"
#include "target/supervisor.h"

#define TICK            (50 * NANOSECONDS_PER_MILLISECOND)
#define DRAIN_PATIENCE  (5 * NANOSECONDS_PER_SECOND)
#define LATE_PATIENCE   (30 * NANOSECONDS_PER_SECOND)
#define STEADY_IN_A_ROW 10
#define COUNTS_PATIENCE (2 * NANOSECONDS_PER_SECOND)
#define FINAL_TRIES     3
/* So many names in a row that cannot be read: the others will not be either. */
#define FINAL_UNREAD 20

typedef struct {
    const plan *plan;
    const scenario *scenario;
    const run_options *options;
    char directory[512];
    disks disks;
    char log[560];
    char ready_url[512];
    char base_url[512];
    char **environment;
    marker *marker;
    network_proxy *network; /* likewise */
    clock_control *clock;   /* likewise */
    memory_group *memory;   /* likewise */
    uint64_t memory_kills;  /* as of the target's last exit */
    supervisor_options target;
    supervisor *supervisor;
    resources *resources;
    history_writer *history;
    unsigned main_slot;   /* of this thread */
    unsigned keeper_slot; /* of the supervisor's thread */
    unsigned fault_slot;
    uint32_t errand_client;
    stage stage;
    fault_site site;
    live *live;
    abort_watch *watch; /* NULL: no threshold ends the run */
    atomic_uint unplanned_exits;
} running;

/* --- records of the harness itself --- */

static void event_at(running *r, unsigned slot, event_type type, uint64_t value, bool planned,
                     const char *text)
{
    uint64_t now = history_now(r->history);
    history_record record = {
        .kind = RECORD_EVENT,
        .type = (uint8_t)type,
        .invoke = now,
        .finish = now,
        .value = value,
        .status = planned,
        .detail = history_name(r->history, text, strlen(text)),
    };
    history_append(r->history, slot, &record);
}

static void event(running *r, event_type type, uint64_t value, const char *text)
{
    event_at(r, r->main_slot, type, value, false, text);
}

/* SIGKILL alone does not say that it was the kernel, for want of memory. */
static void name_memory_kill(running *r, char *said, size_t size)
{
    uint64_t kills = r->memory != NULL ? memory_group_kills(r->memory) : 0;
    if (kills > r->memory_kills)
        snprintf(said, size, "was killed by the kernel for want of memory");
    r->memory_kills = kills;
}

/* Starts and exits come from the supervisor's own thread, readiness from whoever started the
 * target. */
static void on_target(void *owner, target_event what, pid_t pid, int wait_status, bool planned)
{
    running *r = owner;
    char said[128] = "";
    if (what == TARGET_EXITED) {
        launch_describe_exit(wait_status, said, sizeof said);
        name_memory_kill(r, said, sizeof said);
        atomic_fetch_add(&r->unplanned_exits, planned ? 0 : 1);
        event_at(r, r->keeper_slot, EVENT_TARGET_EXIT, (uint64_t)(unsigned)wait_status, planned,
                 said);
    } else if (what == TARGET_STARTED) {
        event_at(r, r->keeper_slot, EVENT_TARGET_START, (uint64_t)pid, planned, said);
    }
}

static pid_t target_pid(const running *r)
{
    return r->supervisor != NULL ? supervisor_pid(r->supervisor) : (pid_t)r->scenario->target.pid;
}

static void sample(running *r)
{
    resources_sample(r->resources, target_pid(r));
}

/* --- preparing --- */

static bool prepare_folders(running *r, error *e)
{
    if (!folder_make(r->options->runs_folder, r->scenario->name, r->directory, sizeof r->directory,
                     e))
        return false;
    return files_join(r->log, sizeof r->log, r->directory, "target.log", e) &&
           disks_prepare(&r->disks, r->scenario, r->directory, r->options->keep_data, r->marker, e);
}

/* Where there is no cgroup the fault that needs it makes do with a limit of the process. */
static bool make_memory_group(running *r, error *e)
{
    error unable = {0};
    if ((scenario_needs(r->scenario) & FAULT_NEEDS_MEMORY) == 0 ||
        r->scenario->target.command == NULL)
        return true;
    r->memory = memory_group_create(&unable);
    return r->memory == NULL ||
           marker_add(r->marker, RESOURCE_CGROUP, memory_group_path(r->memory), e);
}

static bool open_history(running *r, error *e)
{
    char path[560];
    unsigned workers = crew_workers(r->plan);
    r->main_slot = workers;
    r->keeper_slot = workers + 1;
    r->fault_slot = workers + 2;
    if (!files_join(path, sizeof path, r->directory, "history.bin", e))
        return false;
    r->history = history_create(path, workers + 3, e);
    return r->history != NULL;
}

static bool start_target(running *r, error *e)
{
    const target_description *t = &r->scenario->target;
    snprintf(r->ready_url, sizeof r->ready_url, "%s%s", t->url, t->ready_path);
    if (t->command == NULL) {
        snprintf(r->base_url, sizeof r->base_url, "%s", t->url);
        return supervisor_reach(r->ready_url, t->ready_by_any_answer, t->ready_within, e);
    }
    r->target = (supervisor_options){
        .command = (char *const *)(uintptr_t)t->command,
        .prefix = r->clock != NULL ? clock_prefix(r->clock) : NULL,
        .more_environment = r->clock != NULL ? clock_environment(r->clock) : NULL,
        .environment = (char *const *)(uintptr_t)t->environment,
        .data_directory = r->disks.data,
        .log_path = r->log,
        .ready_url = r->ready_url,
        .ready_by_any_answer = t->ready_by_any_answer,
        .ready_within = t->ready_within,
        .stop_within = t->stop_within,
        .port_line = t->port_line,
        .child_prepare = memory_group_join,
        .launch_owner = r->memory,
        .observe = on_target,
        .observe_owner = r,
    };
    r->supervisor = supervisor_start(&r->target, e);
    return r->supervisor != NULL && (launch_fill(r->base_url, sizeof r->base_url, t->url,
                                                 supervisor_port(r->supervisor), r->disks.data) ||
                                     error_set(e, ERROR_USAGE, t->file, "the url is too long"));
}

/* Clients then speak to the proxy. A target that is not plain http on loopback gets none, and the
 * faults that need one are skipped out loud by their own probes. */
static bool start_proxy(running *r, error *e)
{
    static const char *const hosts[] = {"http://127.0.0.1:", "http://localhost:"};
    for (size_t i = 0; i < 2 && (scenario_needs(r->scenario) & FAULT_NEEDS_NETWORK); i++) {
        char *rest = r->base_url + strlen(hosts[i]);
        if (r->network != NULL || strncmp(r->base_url, hosts[i], strlen(hosts[i])) != 0)
            continue;
        char path[sizeof r->base_url];
        unsigned long port = strtoul(rest, &rest, 10);
        if (port == 0 || port > UINT16_MAX)
            continue;
        snprintf(path, sizeof path, "%s", rest);
        r->network = proxy_start((uint16_t)port, e);
        if (r->network == NULL)
            return false;
        int length = snprintf(r->base_url, sizeof r->base_url, "http://127.0.0.1:%u%s",
                              (unsigned)proxy_port(r->network), path);
        if (length < 0 || (size_t)length >= sizeof r->base_url)
            return error_set(e, ERROR_USAGE, r->scenario->target.file, "the url is too long");
    }
    return true;
}

static void prepare_stage(running *r)
{
    const scenario *s = r->scenario;
    r->stage.driver = s->target.driver;
    r->stage.base_url = r->base_url;
    r->stage.seed = s->seed;
    r->stage.operation_timeout = s->operation_timeout;
    r->stage.clock_rate = s->clock_rate;
    r->stage.capabilities = s->target.capabilities;
    r->stage.sizes = &s->data.sizes;
    r->stage.history = r->history;
    r->stage.board = board_create();
    r->stage.places = places_create();
    r->stage.log_position = r->disks.storage != NULL && storage_mount_log(r->disks.storage) != NULL
                                ? storage_mount_position(r->disks.storage)
                                : NULL;
    char folder[32] = "";
    if (s->target.command == NULL)
        snprintf(folder, sizeof folder, "ordeal-%016llx/", (unsigned long long)timing_wall());
    r->stage.keys = keyspace_create(folder, s->data.keys, s->data.keys_per_client,
                                    scenario_client_count(s), s->data.zipf, s->data.awkward_names);
    keyspace_give_paths(r->stage.keys, s->data.paths, s->data.path_count);
    r->errand_client = (uint32_t)scenario_client_count(s);
    r->site = (fault_site){
        .data_directory = r->supervisor != NULL ? r->disks.data : NULL,
        .work_directory = r->directory,
        .storage = r->disks.storage,
        .real_disk = r->disks.real[0] != '\0' ? r->disks.real : NULL,
        .network = r->network,
        .clock = r->clock,
        .memory = r->memory,
        .process = r->supervisor != NULL ? supervisor_control(r->supervisor) : NULL,
    };
}

/* --- the load --- */

/* What can be seen broken while the run goes on; every other invariant needs the whole history. */
static live_invariant watch_invariant(running *r, const char *name)
{
    live_invariant one = {.name = name};
    if (strcmp(name, "read-integrity") == 0) {
        one.watched = true;
        one.broken = atomic_load(&r->stage.counters.failures[FAILURE_CONTENT]);
    } else if (strcmp(name, "process-hygiene") == 0) {
        one.watched = true;
        one.broken = atomic_load(&r->unplanned_exits);
    }
    return one;
}

static void show(running *r, nemesis *n, const char *phase, bool timed, uint64_t elapsed,
                 uint64_t length)
{
    if (!live_due(r->live))
        return;
    const resource_sample *target = resources_seen(r->resources);
    live_state state = {
        .seed = r->scenario->seed,
        .phase = phase,
        .timed = timed,
        .elapsed = elapsed,
        .length = length,
        .counted = counters_read(&r->stage.counters),
        .at = history_now(r->history),
        .target_resident = target->resident,
        .target_processor = target->processor,
        .target_disk = target->disk,
        .target_threads = target->threads,
        .target_descriptors = target->descriptors,
        .target_temporary = target->temporary_files,
        .own_resident = sampler_own_resident(),
    };
    snprintf(state.scenario, sizeof state.scenario, "%s", r->scenario->name);
    nemesis_active(n, state.faults, sizeof state.faults);
    for (size_t i = 0; i < r->scenario->invariant_count && i < LIVE_INVARIANTS_MOST; i++)
        state.invariants[state.invariant_count++] =
            watch_invariant(r, r->scenario->invariants[i].judge->name);
    live_update(r->live, &state);
}

static void record_dropped(running *r, const crew *c)
{
    for (size_t i = 0; i < r->scenario->group_count; i++)
        if (crew_dropped(c, i) > 0)
            event(r, EVENT_DROPPED, crew_dropped(c, i), r->scenario->groups[i].name);
}

/* True when a threshold that ends the run is broken; says so once. */
static bool load_aborted(running *r, uint64_t elapsed)
{
    double value;
    char shown[32];
    char sentence[200];
    const threshold *t = r->watch != NULL ? abort_watch_broken(r->watch, elapsed, &value) : NULL;
    if (t == NULL)
        return false;
    snprintf(sentence, sizeof sentence, "%.100s: it was %s", t->text,
             threshold_show(t, value, shown));
    event(r, EVENT_ABORTED, (uint64_t)(t - r->scenario->thresholds) + 1, sentence);
    if (!r->options->live.quiet)
        log_line(LOG_WARNING, "the load ends early by threshold %s", sentence);
    return true;
}

/* On a busy machine the faults may be late: the load waits for the last of them, so that each is
 * tried as it was planned. */
static bool load_goes_on(uint64_t elapsed, uint64_t length, nemesis *n)
{
    return elapsed < length || (elapsed < length + LATE_PATIENCE && !nemesis_done(n));
}

static void watch_load(running *r, nemesis *n, uint64_t began, error *e)
{
    uint64_t length = scenario_real(r->scenario, r->scenario->duration);
    uint64_t elapsed = timing_now() - began;
    while (!interrupt_asked() && load_goes_on(elapsed, length, n) && !load_aborted(r, elapsed) &&
           !history_failed(r->history, e)) {
        timing_sleep(elapsed < length && length - elapsed < TICK ? length - elapsed : TICK);
        sample(r);
        history_flush(r->history, false);
        elapsed = timing_now() - began;
        show(r, n, "load", true, elapsed, length);
    }
}

static bool carry_load(running *r, nemesis *n, error *e)
{
    r->watch = abort_watch_create(r->scenario);
    if (r->watch != NULL) {
        r->stage.watch = abort_watch_see;
        r->stage.watcher = r->watch;
    }
    resources_take(r->resources, target_pid(r));
    event(r, EVENT_LOAD_BEGIN, 0, "");
    crew *c = crew_start(r->plan, &r->stage, e);
    if (c != NULL) {
        nemesis_start(n);
        watch_load(r, n, crew_began(c), e);
        crew_finish(c, interrupt_asked() ? 0 : DRAIN_PATIENCE);
        record_dropped(r, c);
        crew_free(c);
        event(r, EVENT_LOAD_END, 0, "");
        resources_take(r->resources, target_pid(r));
    }
    r->stage.watch = NULL;
    abort_watch_free(r->watch);
    r->watch = NULL;
    return c != NULL;
}

/* --- quiet period and final reads --- */

static void count_good(client *c, void *argument)
{
    int *in_a_row = argument;
    seen answer = client_ready(c);
    *in_a_row = answer.outcome == OUTCOME_OK && answer.size == 1 ? *in_a_row + 1 : 0;
}

/* A driver without a readiness question is asked for a name that nobody writes. */
static void count_answered(client *c, void *argument)
{
    int *in_a_row = argument;
    *in_a_row = client_get(c, 0).outcome == OUTCOME_OK ? *in_a_row + 1 : 0;
}

static bool errand(running *r, uint8_t flags, void (*body)(client *c, void *argument),
                   void *argument, error *e)
{
    return crew_errand(&r->stage, r->scenario, r->main_slot, ++r->errand_client, flags, body,
                       argument, e);
}

static void settle(client *c, void *argument)
{
    const client_group *group = argument;
    c->values = group->values;
    group->behaviour->settle(c);
}

static bool settle_groups(running *r, error *e)
{
    for (size_t i = 0; i < r->scenario->group_count && !interrupt_asked(); i++) {
        client_group *group = &r->scenario->groups[i];
        if (group->behaviour->settle != NULL && !errand(r, FLAG_FINAL, settle, group, e))
            return false;
    }
    return true;
}

static bool wait_quiet(running *r, nemesis *n, bool *steady, error *e)
{
    uint64_t began = timing_now();
    uint64_t within = r->scenario->quiet;
    int in_a_row = 0;
    bool asks = r->scenario->target.driver->ready != NULL;
    while (!interrupt_asked() && in_a_row < STEADY_IN_A_ROW && timing_now() - began < within) {
        if (!errand(r, 0, asks ? count_good : count_answered, &in_a_row, e))
            return false;
        if (in_a_row == 0)
            timing_sleep(TICK);
        sample(r);
        show(r, n, "quiet", true, timing_now() - began, within);
    }
    *steady = in_a_row >= STEADY_IN_A_ROW;
    if (!interrupt_asked())
        event(r, *steady ? EVENT_QUIET : EVENT_QUIET_FAILED, timing_now() - began,
              *steady ? "" : "it did not answer ten times in a row");
    return true;
}

typedef struct {
    running *run;
    nemesis *nemesis;
    uint64_t began;
} final_reads;

static bool read_one(client *c, size_t index)
{
    for (int tries = 0; tries < FINAL_TRIES; tries++) {
        if (client_get(c, index).outcome == OUTCOME_OK)
            return true;
        lane_sleep(c->lane, TICK);
    }
    return false;
}

static void read_finally(client *c, void *argument)
{
    final_reads *f = argument;
    running *r = f->run;
    size_t count = keyspace_count(r->stage.keys);
    int unread = 0;
    for (size_t i = 0; i < count && unread < FINAL_UNREAD && !interrupt_asked(); i++) {
        if (!keyspace_touched(r->stage.keys, i))
            continue;
        unread = read_one(c, i) ? 0 : unread + 1;
        sample(r);
        show(r, f->nemesis, "final", false, i, count);
    }
    if (unread == FINAL_UNREAD)
        event(r, EVENT_NOTE, 0, "the final reads were given up: name after name was not answered");
}

static void take_counts(client *c, void *argument)
{
    bool *taken = argument;
    *taken = client_take_counts(c);
}

/* An answer is counted a moment after it was sent. Counters that cannot be had are the judge's
 * business. */
static bool record_counts(running *r, error *e)
{
    bool taken = false;
    uint64_t began = timing_now();
    while (!taken && !interrupt_asked() && timing_now() - began < COUNTS_PATIENCE) {
        if (!errand(r, 0, take_counts, &taken, e))
            return false;
        if (!taken)
            timing_sleep(TICK);
    }
    return true;
}

static void stay_idle(running *r, nemesis *n)
{
    uint64_t began = timing_now();
    uint64_t length = r->scenario->idle;
    while (!interrupt_asked() && timing_now() - began < length) {
        timing_sleep(TICK);
        sample(r);
        show(r, n, "idle", true, timing_now() - began, length);
    }
}

static bool finish_quietly(running *r, nemesis *n, error *e)
{
    bool steady = false;
    if (!wait_quiet(r, n, &steady, e))
        return false;
    if (interrupt_asked() || !steady)
        return true;
    event(r, EVENT_FINAL_READS, 0, "");
    final_reads reads = {.run = r, .nemesis = n, .began = timing_now()};
    bool fine = errand(r, FLAG_FINAL, read_finally, &reads, e) && settle_groups(r, e);
    resources_take(r->resources, target_pid(r));
    if (fine)
        stay_idle(r, n);
    return fine && (r->supervisor == NULL || record_counts(r, e));
}

/* --- the whole --- */

static bool run_phases(running *r, error *e)
{
    nemesis *n = nemesis_create(r->plan, &r->site, r->history, r->fault_slot);
    bool fine = carry_load(r, n, e);
    /* Heals whatever the plan had still active, and only then may anything be called quiet. */
    nemesis_finish(n);
    nemesis *idle =
        nemesis_create(&(plan){.scenario = r->scenario}, &r->site, r->history, r->fault_slot);
    if (fine && !interrupt_asked())
        fine = finish_quietly(r, idle, e);
    nemesis_finish(idle);
    return fine;
}

static void stop_target(running *r)
{
    error problem = {0};
    if (r->supervisor == NULL)
        return;
    if (supervisor_pid(r->supervisor) > 0 && !supervisor_stop(r->supervisor, &problem)) {
        char line[700];
        event(r, EVENT_NOTE, 0, error_line(&problem, line, sizeof line));
    }
    supervisor_destroy(r->supervisor);
    r->supervisor = NULL;
}

static void close_clock(running *r)
{
    char text[240];
    if (r->clock == NULL)
        return;
    target_clock_tell(r->clock, r->scenario, text, sizeof text);
    if (r->history != NULL)
        event(r, EVENT_NOTE, 0, text);
    clock_close(r->clock);
    r->clock = NULL;
}

static void tell_cleaned(void *owner, const char *sentence)
{
    (void)owner;
    log_line(LOG_INFO, "%s", sentence);
}

/* What an earlier run left and cannot be ended is worth a word, but no reason not to run. */
static bool prepare_marker(running *r, error *e)
{
    error problem = {0};
    if (!stale_cleanup(tell_cleaned, NULL, &problem))
        log_error(&problem);
    r->marker = marker_create(e);
    return r->marker != NULL;
}

static bool open_view(running *r, error *e)
{
    r->live = live_begin(&r->options->live, e);
    return r->live != NULL;
}

static void announce(const running *r, uint64_t bound)
{
    char memory[32];
    log_line(LOG_INFO, "%s, seed %llu, in %s", r->scenario->name,
             (unsigned long long)r->scenario->seed, r->directory);
    log_line(LOG_INFO, "%zu clients: ordeal itself will need at most %s of memory",
             r->plan->client_count, units_show_size(bound, memory));
}

static bool execute(running *r, error *e)
{
    if (!prepare_marker(r, e) || !open_view(r, e) || !prepare_folders(r, e) || !open_history(r, e))
        return false;
    uint64_t bound = crew_memory(r->plan);
    r->resources = resources_create(r->disks.backing, r->history, r->main_slot, bound);
    if (!make_memory_group(r, e))
        return false;
    if (!target_clock_open(r->scenario, r->directory, &r->clock, e))
        return false;
    if (!start_target(r, e) || !start_proxy(r, e))
        return false;
    prepare_stage(r);
    if (r->options->begun != NULL && !r->options->begun(r->options->owner, r->directory,
                                                        timing_wall() - history_now(r->history), e))
        return false;
    if (!r->options->live.quiet)
        announce(r, bound);
    return run_phases(r, e);
}

/* A directory in which no run took place is no result. */
static void tidy(running *r, bool fine)
{
    error problem = {0};
    const char *gone[] = {!fine ? r->directory : r->disks.data, r->disks.backing};
    for (size_t i = 0; i < 2 && !(fine && r->options->keep_data); i++)
        if (gone[i][0] != '\0' && !files_remove_tree(gone[i], &problem))
            log_error(&problem);
    marker_close(r->marker);
}

bool run_execute(const plan *p, const run_options *options, run_result *result, error *e)
{
    running r = {.plan = p, .scenario = p->scenario, .options = options};
    interrupt_listen();
    bool fine = execute(&r, e);
    if (r.network != NULL)
        proxy_stop(r.network);
    stop_target(&r);
    close_clock(&r);
    memory_group_destroy(r.memory);
    disks_release(&r.disks);
    if (fine && interrupt_asked())
        event(&r, EVENT_INTERRUPT, 0, "");
    live_end(r.live);
    if (r.history != NULL && !history_close(r.history, e))
        fine = false;
    resources_free(r.resources);
    keyspace_destroy(r.stage.keys);
    board_destroy(r.stage.board);
    places_destroy(r.stage.places);
    tidy(&r, fine);
    snprintf(result->directory, sizeof result->directory, "%s", r.directory);
    result->interrupted = interrupt_asked();
    return fine;
}
