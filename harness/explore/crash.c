#include "explore/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/random.h"
#include "base/timing.h"
#include "explore/progress.h"
#include "explore/scratch.h"
#include "explore/seen.h"
#include "run/interrupt.h"

#define SAVE_EVERY NANOSECONDS_PER_SECOND

typedef struct {
    const crash_options *options;
    crash_report *report;
    trial trial;
    seen_set seen;
    seen_set seen_here; /* at the cut under way, which an interrupt undoes */
    char report_path[600];
    char seen_path[600];
    progress progress;
    uint64_t began;
    uint64_t cuts_before; /* explored in earlier sittings */
    uint64_t time_before;
    uint64_t servers_before;
    uint64_t saved;
} explorer;

/* --- what is bad, and why --- */

static bool holds_all(const uint64_t *lost, size_t count, const blame *b)
{
    size_t found = 0;
    for (size_t i = 0; i < count && found < b->count; i++)
        found += lost[i] == b->operations[found];
    return b->count > 0 && found == b->count;
}

/* A disk that lacks what is known to be enough for a loss needs no search of its own. */
static crash_finding *known_cause(explorer *x, const replay_disk *disk)
{
    uint64_t *lost;
    crash_finding *known = NULL;
    size_t count = replay_lost(x->trial.replay, disk, &lost);
    for (size_t i = 0; i < x->report->finding_count && known == NULL; i++)
        if (holds_all(lost, count, &x->report->findings[i].blame))
            known = &x->report->findings[i];
    free(lost);
    return known;
}

/* The same gap between two operations, seen from its next cut. */
static crash_finding *same_gap(explorer *x, uint64_t cut)
{
    crash_report *r = x->report;
    for (size_t i = 0; i < r->finding_count; i++) {
        crash_finding *f = &r->findings[i];
        if (f->blame.count == 0 && (f->last_cut == cut || f->last_cut == r->last_cut))
            return f;
    }
    return NULL;
}

static bool note_bad(explorer *x, const replay_disk *disk, uint64_t cut, const trial_finding *found,
                     error *e)
{
    crash_report *r = x->report;
    r->bad_by_model[disk->model]++;
    crash_finding *known = known_cause(x, disk);
    if (known == NULL && r->finding_count == CRASH_FINDINGS_MOST) {
        r->bad_beyond++;
        return true;
    }
    crash_finding fresh = {.cut = cut, .model = disk->model, .seed = disk->seed};
    if (known == NULL) {
        memcpy(fresh.invariant, found->invariant, sizeof fresh.invariant);
        memcpy(fresh.sentence, found->sentence, sizeof fresh.sentence);
        if (!blame_find(&x->trial, disk, cut, &fresh.blame, e))
            return false;
        if (fresh.blame.count == 0)
            known = same_gap(x, cut);
    }
    if (known == NULL) {
        known = &r->findings[r->finding_count++];
        *known = fresh;
    }
    known->disks++;
    known->last_cut = cut;
    return true;
}

/* --- one disk, one cut --- */

static bool explore_disk(explorer *x, uint64_t cut, replay_model model, uint64_t number, error *e)
{
    crash_report *r = x->report;
    uint64_t hash;
    trial_finding found;
    size_t acknowledged = past_acknowledged(x->trial.past, cut);
    replay_disk disk = {.model = model,
                        .seed = random_mix(r->options.seed ^ random_mix(number)),
                        .sector = number % 2 == 0 ? 4096 : 512};
    if (!replay_hash(x->trial.replay, &disk, &hash, e))
        return false;
    r->disks++;
    r->disks_by_model[model]++;
    /* The same disk is held to more once more has been acknowledged. */
    hash = random_mix(hash) ^ random_mix(acknowledged);
    if (seen_has(&x->seen, hash) || !seen_add(&x->seen_here, hash))
        return true;
    r->disks_distinct++;
    if (acknowledged > r->judged_writes)
        r->judged_writes = acknowledged;
    if (!trial_run(&x->trial, &disk, cut, &found, e))
        return false;
    return !found.violated || interrupt_asked() || note_bad(x, &disk, cut, &found, e);
}

static bool over(const explorer *x)
{
    return interrupt_asked() || (x->options->stop_at_first && x->report->finding_count > 0);
}

static bool explore_models(explorer *x, uint64_t cut, error *e)
{
    if (!replay_advance(x->trial.replay, cut, e))
        return false;
    for (replay_model m = 0; m < REPLAY_MODELS && !replay_replacing(x->trial.replay); m++) {
        bool choice = m == REPLAY_JOURNAL || m == REPLAY_POSIX;
        uint64_t disks = !x->options->models[m] ? 0 : choice ? x->options->seeds : 1;
        for (uint64_t i = 0; i < disks && !over(x); i++)
            if (!explore_disk(x, cut, m, i, e))
                return false;
    }
    return true;
}

/* A cut counts whole or not at all, so that going on after an interrupt counts nothing twice. */
static bool explore_cut(explorer *x, uint64_t cut, error *e)
{
    crash_report before = *x->report;
    bool done = explore_models(x, cut, e);
    if (interrupt_asked()) {
        *x->report = before;
    } else {
        seen_add_all(&x->seen, &x->seen_here);
        x->report->last_cut = cut;
        x->report->cuts_done++;
    }
    seen_release(&x->seen_here);
    return done;
}

/* --- the pass --- */

static bool save(explorer *x, error *e)
{
    x->saved = timing_now();
    x->report->servers = x->trial.servers;
    x->report->nanoseconds = x->time_before + (x->saved - x->began);
    return seen_write(&x->seen, x->seen_path, e) &&
           crash_report_write(x->report, x->report_path, e);
}

static void show(explorer *x)
{
    char text[128];
    crash_report *r = x->report;
    double seconds = (double)(timing_now() - x->began) / 1e9;
    if (!progress_due(&x->progress))
        return;
    snprintf(text, sizeof text, "%llu disks, %llu distinct, %.1f servers/s, %llu bad",
             (unsigned long long)r->disks, (unsigned long long)r->disks_distinct,
             (double)(x->trial.servers - x->servers_before) / seconds,
             (unsigned long long)crash_bad(r));
    progress_show(&x->progress, "cut", r->cuts_done, r->cuts, x->cuts_before, text);
}

/* Selection sampling: each cut in turn, so that the sample comes in order. */
static bool chosen(random_stream *stream, uint64_t *wanted, uint64_t left)
{
    if (*wanted == 0 || random_below(stream, left) >= *wanted)
        return false;
    --*wanted;
    return true;
}

static bool walk(explorer *x, error *e)
{
    crash_report *r = x->report;
    uint64_t wanted = r->cuts;
    uint64_t resume_at = r->last_cut;
    random_stream stream = random_named(r->options.seed, "cuts");
    for (uint64_t cut = 1; cut <= r->log_operations && !over(x); cut++) {
        if (!chosen(&stream, &wanted, r->log_operations - cut + 1) || cut <= resume_at)
            continue;
        if (!explore_cut(x, cut, e))
            return false;
        show(x);
        if (timing_now() - x->saved >= SAVE_EVERY && !save(x, e))
            return false;
    }
    r->interrupted = interrupt_asked();
    return save(x, e);
}

static bool prepare_folder(explorer *x, const char *run, error *e)
{
    char folder[560];
    return files_join(folder, sizeof folder, run, "crash", e) &&
           files_make_directories(folder, 0755, e) &&
           files_join(x->report_path, sizeof x->report_path, folder, "crash.json", e) &&
           files_join(x->seen_path, sizeof x->seen_path, folder, "seen.bin", e);
}

static bool take_up(explorer *x, uint64_t operations, error *e)
{
    crash_report *r = x->report;
    bool resumes = !x->options->fresh && crash_report_read(x->report_path, x->options, r) &&
                   r->interrupted && r->log_operations == operations;
    if (!resumes)
        *r = (crash_report){.options = *x->options, .log_operations = operations};
    r->resumed = resumes;
    r->interrupted = false;
    r->cuts =
        x->options->cuts == 0 || x->options->cuts > operations ? operations : x->options->cuts;
    x->cuts_before = r->cuts_done;
    x->time_before = r->nanoseconds;
    return !resumes || seen_read(&x->seen, x->seen_path, e);
}

static replay *open_replay(const char *run, error *e)
{
    char log[560];
    char snapshot[560];
    if (!files_join(log, sizeof log, run, "chaosfs.log", e) ||
        !files_join(snapshot, sizeof snapshot, run, "snapshot", e))
        return NULL;
    replay *r = replay_open(snapshot, log, e);
    if (r == NULL && e->kind == ERROR_IO)
        e->kind = ERROR_USAGE;
    return r;
}

static bool explore(explorer *x, const scenario *s, const char *run, replay *r, past *p,
                    const char *work, error *e)
{
    if (!prepare_folder(x, run, e) || !take_up(x, replay_last(r), e) ||
        !trial_prepare(&x->trial, s, r, p, work, e))
        return false;
    x->trial.servers = x->servers_before = x->report->servers;
    x->began = timing_now();
    x->progress = progress_begin(x->options->quiet);
    bool done = walk(x, e);
    progress_end(&x->progress);
    trial_release(&x->trial);
    return done;
}

bool crash_explore(const scenario *s, const history *h, const char *run,
                   const crash_options *options, crash_report *out, error *e)
{
    explorer x = {.options = options, .report = out};
    replay *r = open_replay(run, e);
    if (r == NULL)
        return false;
    scratch work;
    past *p = past_load(h, e);
    bool done = scratch_make(&work, e) && p != NULL && explore(&x, s, run, r, p, work.path, e);
    done = scratch_remove(&work, e) && done;
    seen_release(&x.seen);
    past_free(p);
    replay_close(r);
    return done;
}

uint64_t crash_bad(const crash_report *report)
{
    uint64_t bad = 0;
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        bad += report->bad_by_model[m];
    return bad;
}
