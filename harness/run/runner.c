#include "run/runner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "base/units.h"
#include "run/crew.h"
#include "run/interrupt.h"
#include "run/phases.h"
#include "run/prepare.h"
#include "run/running.h"

static bool run_phases(running *r, error *e)
{
    nemesis *n = nemesis_create(r->plan, &r->site, r->history, r->fault_slot);
    bool fine = phase_load(r, n, e);
    /* Heals whatever the plan had still active, and only then may anything be called quiet. */
    nemesis_finish(n);
    nemesis *idle =
        nemesis_create(&(plan){.scenario = r->scenario}, &r->site, r->history, r->fault_slot);
    if (fine && !interrupt_asked())
        fine = phase_end(r, idle, e);
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
        running_event(r, EVENT_STOP_FAILED, 0, error_line(&problem, line, sizeof line));
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
        running_event(r, EVENT_NOTE, 0, text);
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
    if (!prepare_marker(r, e) || !open_view(r, e) || !prepare_folders(r, e) ||
        !prepare_history(r, e))
        return false;
    uint64_t bound = crew_memory(r->plan);
    r->resources = resources_create(r->disks.backing, r->history, r->main_slot, bound);
    if (!prepare_memory_group(r, e))
        return false;
    if (!target_clock_open(r->scenario, r->directory, &r->clock, e))
        return false;
    if (!prepare_target(r, e) || !target_clock_reaches(r->clock, running_target_pid(r), e) ||
        !prepare_proxy(r, e))
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
        running_event(&r, EVENT_INTERRUPT, 0, "");
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
