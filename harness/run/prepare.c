#include "run/prepare.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "chaos/storage/mount.h"
#include "run/crew.h"
#include "run/folder.h"
#include "target/install.h"
#include "target/launch.h"

bool prepare_folders(running *r, error *e)
{
    if (!folder_make(r->options->runs_folder, r->scenario->name, r->directory, sizeof r->directory,
                     e))
        return false;
    return files_join(r->log, sizeof r->log, r->directory, "target.log", e) &&
           disks_prepare(&r->disks, r->scenario, r->directory, r->options->keep_data, r->marker, e);
}

/* Where there is no cgroup the fault that needs it makes do with a limit of the process. */
bool prepare_memory_group(running *r, error *e)
{
    error unable = {0};
    if ((scenario_needs(r->scenario) & FAULT_NEEDS_MEMORY) == 0 ||
        r->scenario->target.command == NULL)
        return true;
    r->memory = memory_group_create(&unable);
    return r->memory == NULL ||
           marker_add(r->marker, RESOURCE_CGROUP, memory_group_path(r->memory), e);
}

bool prepare_history(running *r, error *e)
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

/* SIGKILL alone does not say that it was the kernel, for want of memory. */
static void name_memory_kill(running *r, char *said, size_t size)
{
    uint64_t kills = r->memory != NULL ? memory_group_kills(r->memory) : 0;
    if (kills > r->memory_kills)
        snprintf(said, size, "was killed by the kernel for want of memory");
    r->memory_kills = kills;
}

/* Should we be killed, the target is too. */
static void mark_leftovers(running *r, pid_t pid)
{
    char path[64];
    error problem = {0};
    for (unsigned i = 0; r->clock != NULL && clock_leftover(r->clock, pid, i, path, sizeof path);
         i++)
        if (access(path, F_OK) == 0 && !marker_add(r->marker, RESOURCE_FILE, path, &problem))
            log_error(&problem);
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
        running_event_at(r, r->keeper_slot, EVENT_TARGET_EXIT, (uint64_t)(unsigned)wait_status,
                         planned, said);
        if (r->clock != NULL)
            clock_program_ended(r->clock, pid);
    } else if (what == TARGET_READY) {
        mark_leftovers(r, pid);
    } else if (what == TARGET_STARTED) {
        running_event_at(r, r->keeper_slot, EVENT_TARGET_START, (uint64_t)pid, planned, said);
    }
}

static size_t add_words(running *r, size_t count, const char *const *words)
{
    for (; words != NULL && *words != NULL; words++) {
        CHECK(count + 1 < sizeof r->prefix / sizeof r->prefix[0]);
        r->prefix[count++] = *words;
    }
    return count;
}

/* The clock comes last: it patches the next program alone. */
static const char *const *make_prefix(running *r)
{
    const storage_mount *storage = r->disks.storage;
    size_t count = add_words(r, 0, storage != NULL ? storage_mount_prefix(storage) : NULL);
    count = add_words(r, count, r->clock != NULL ? clock_prefix(r->clock) : NULL);
    r->prefix[count] = NULL;
    return r->prefix;
}

bool prepare_target(running *r, error *e)
{
    const target_description *t = &r->scenario->target;
    if (!install_check(t->needs, t->install, t->name, e))
        return false;
    if (t->command == NULL) {
        snprintf(r->base_url, sizeof r->base_url, "%s", t->url);
        if (t->pid != 0 && kill((pid_t)t->pid, 0) != 0 && errno == ESRCH)
            return error_set(e, ERROR_USAGE, t->file, "pid: there is no process %" PRIu64, t->pid);
        return supervisor_reach(t->ready_url, t->ready_by_any_answer, t->ready_within, e);
    }
    r->target = (supervisor_options){
        .command = (char *const *)(uintptr_t)t->command,
        .prefix = make_prefix(r),
        .more_environment = r->clock != NULL ? clock_environment(r->clock) : NULL,
        .environment = (char *const *)(uintptr_t)t->environment,
        .data_directory = r->disks.data,
        .log_path = r->log,
        .ready_url = t->ready_url,
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
bool prepare_proxy(running *r, error *e)
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

void prepare_stage(running *r)
{
    const scenario *s = r->scenario;
    r->stage.driver = s->target.driver;
    r->stage.base_url = r->base_url;
    r->stage.auth = &s->target.auth;
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
