/* ordeal reproduce ID... | --all: shows that each incident's scenario fails on the server with its
 * defect and passes on the one without. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/log.h"
#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "incidents/ledger.h"
#include "incidents/server.h"

#define SEEDS_MOST 1000
#define JOBS_MOST  64

enum { ALL, CROSS, SEEDS, SEED, JOBS, RUNS, KEEP, JSON, MARKDOWN, JUNIT, HELP, FLAGS };

typedef char server_path[SERVER_PATH_SIZE];

typedef struct {
    const catalogue *catalogue;
    const incident **wanted;
    size_t count;
    server_path *servers; /* the clean one, then one for each wanted */
    trial *trials;
    size_t trial_count;
    ledger *ledger;
    uint64_t seeds;
    uint64_t first_seed;
    uint64_t jobs;
    size_t done;
    bool cross;
    bool keep;
    bool table;
    char folder[512];
    trial violated; /* the first that failed by the invariant of its story */
    trial passed;   /* the first of the clean server */
} reproduction;

static bool take_number(const flag *f, uint64_t least, uint64_t most, uint64_t *out, error *e)
{
    const char *text = f->count > 0 ? f->given[f->count - 1] : NULL;
    if (text == NULL || (units_whole(text, out) && *out >= least && *out <= most))
        return true;
    return error_set(e, ERROR_USAGE, f->name, "'%s' is not a whole number from %llu to %llu", text,
                     (unsigned long long)least, (unsigned long long)most);
}

static const char *last_of(const flag *f, const char *otherwise)
{
    return f->count > 0 ? f->given[f->count - 1] : otherwise;
}

/* --- what to do --- */

static bool choose(reproduction *r, bool all, int operands, char **argv, error *e)
{
    const catalogue *c = r->catalogue;
    r->wanted = memory_zeroed(c->count + (size_t)operands + 1, sizeof(incident *));
    for (size_t i = 0; all && i < c->count; i++)
        r->wanted[r->count++] = &c->incidents[i];
    for (int i = 1; i <= operands; i++) {
        const incident *found = catalogue_find(c, argv[i], e);
        if (found == NULL)
            return false;
        r->wanted[r->count++] = found;
    }
    for (size_t i = 0; i < r->count; i++)
        if (!incident_patch_sound(r->wanted[i], e))
            return false;
    return r->count > 0 || error_set(e, ERROR_USAGE, "ordeal reproduce",
                                     "give an incident, or --all; 'ordeal list incidents' shows "
                                     "them");
}

/* Before minutes are spent on runs: can what comes of them be kept? */
static bool places_fine(const flag *flags, error *e)
{
    static const int files[] = {JSON, MARKDOWN, JUNIT};
    const char *runs = last_of(&flags[RUNS], "runs");
    bool fine = files_make_directories(runs, 0755, e) &&
                (access(runs, W_OK | X_OK) == 0 || error_errno(e, runs, "cannot be written"));
    for (size_t i = 0; i < sizeof files / sizeof files[0] && fine; i++) {
        char folder[1024];
        const char *path = last_of(&flags[files[i]], "");
        const char *slash = strrchr(path, '/');
        snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
                 slash != NULL ? path : ".");
        fine = access(folder, W_OK | X_OK) == 0 || error_errno(e, path, "cannot be written");
    }
    if (!fine)
        e->kind = ERROR_USAGE; /* another place can be given */
    return fine;
}

static bool build_servers(reproduction *r, error *e)
{
    r->servers = memory_zeroed(r->count + 1, sizeof *r->servers);
    if (!server_build(r->catalogue, NULL, r->servers[0], e))
        return false;
    size_t failed = 0;
    for (size_t i = 0; i < r->count; i++) {
        error one = {0};
        if (server_build(r->catalogue, r->wanted[i]->patch, r->servers[i + 1], &one))
            continue;
        log_error(&one);
        failed++;
    }
    return failed == 0 ||
           error_set(e, ERROR_UNABLE, "ordeal reproduce",
                     "%zu of %zu defects cannot be built, so nothing was run", failed, r->count);
}

static void add_trials(reproduction *r, const incident *defect, const char *program,
                       const incident *of)
{
    ledger_expect(r->ledger, defect, of);
    for (uint64_t seed = r->first_seed; seed < r->first_seed + r->seeds; seed++) {
        trial *t = &r->trials[r->trial_count++];
        *t = (trial){.defect = defect, .scenario = of, .program = program, .seed = seed};
        snprintf(t->folder, sizeof t->folder, "%s/%s/%s-seed-%llu", r->folder, of->id,
                 defect != NULL ? defect->id : "clean", (unsigned long long)seed);
    }
}

static void plan_trials(reproduction *r)
{
    size_t scenarios = r->cross ? r->catalogue->count : 1;
    size_t pairs = r->count * (scenarios + 1);
    r->trials = memory_zeroed(pairs * r->seeds, sizeof *r->trials);
    r->ledger = ledger_create(pairs, r->seeds);
    for (size_t i = 0; i < r->count; i++) {
        for (size_t k = 0; k < scenarios; k++)
            add_trials(r, r->wanted[i], r->servers[i + 1],
                       r->cross ? &r->catalogue->incidents[k] : r->wanted[i]);
        add_trials(r, NULL, r->servers[0], r->wanted[i]);
    }
}

/* --- what came of it --- */

static void ended(void *owner, const trial *t)
{
    reproduction *r = owner;
    error problem = {0};
    const broken_invariant *named = t->defect != NULL ? trial_broke(t, t->defect->invariant) : NULL;
    bool expected = t->defect != NULL ? named != NULL || t->defect != t->scenario
                                      : strcmp(t->verdict, "pass") == 0;
    ledger_take(r->ledger, t);
    r->done++;
    char seconds[80] = "";
    if (named != NULL)
        snprintf(seconds, sizeof seconds, ", %s after %.2f s", named->judge->name, named->seconds);
    log_line(LOG_INFO, "%zu of %zu: %s %s%s, seed %llu: %s%s", r->done, r->trial_count,
             t->scenario->id, t->defect != NULL ? "with " : "clean",
             t->defect == NULL          ? ""
             : t->defect == t->scenario ? "its defect"
                                        : t->defect->id,
             (unsigned long long)t->seed, t->verdict, seconds);
    if (named != NULL && r->violated.directory[0] == '\0')
        r->violated = *t;
    if (t->defect == NULL && expected && r->passed.directory[0] == '\0')
        r->passed = *t;
    if (expected && !r->keep && !files_remove_tree(t->folder, &problem))
        log_error(&problem);
}

/* What one run showed, and where more of it is. False: there is no run to show. */
static bool show_run(const char *heading, const trial *t, error *e)
{
    stored_run run;
    if (t->directory[0] == '\0' || !stored_run_open(t->directory, &run, e))
        return false;
    printf("%s, seed %llu: %s\n", heading, (unsigned long long)t->seed, t->verdict);
    stored_run_tell(&run);
    stored_run_close(&run);
    return true;
}

static void show_places(const trial *t)
{
    char postmortem[TRIAL_PATH_SIZE];
    error none = {0};
    if (files_join(postmortem, sizeof postmortem, t->directory, "postmortem.md", &none) &&
        access(postmortem, R_OK) == 0)
        printf("post-mortem: %s\n", postmortem);
    printf("report:      %s/report.html\nagain:       ordeal replay %s\n", t->directory,
           t->directory);
}

static void show_counts(const reproduction *r, const incident *i)
{
    const ledger_row *with = ledger_row_of(r->ledger, i, i);
    const ledger_row *without = ledger_row_of(r->ledger, NULL, i);
    if (ledger_row_state(without) == LEDGER_SKIPPED) {
        buffer skip = {0};
        ledger_write_skip(without, &skip);
        fputs(buffer_text(&skip), stdout);
        buffer_free(&skip);
        return;
    }
    printf("\nwith the defect     fails %s in %zu of %zu seed%s", i->invariant->name, with->caught,
           with->runs, r->seeds == 1 ? "" : "s");
    if (with->caught > 0)
        printf(", after %.2f s (median)", ledger_median(with));
    printf("\nwithout the defect  passes in %zu of %zu\n", without->passes, without->runs);
    if (with->trouble[0] != '\0')
        printf("not caught: %s\n    %s\n", with->trouble, with->directory);
    if (without->trouble[0] != '\0')
        printf("did not pass without the defect: %s\n    %s\n", without->trouble,
               without->directory);
}

static bool show_single(const reproduction *r, error *e)
{
    const incident *i = r->wanted[0];
    printf("%s: %s\n%s%s%s; story: %s/story.md\n\n", i->id, i->title, i->system,
           i->date[0] != '\0' ? ", " : "", i->date, i->folder);
    bool shown = r->violated.directory[0] == '\0' ||
                 (show_run("with the defect", &r->violated, e) && putchar('\n') != EOF);
    shown = shown && (r->passed.directory[0] == '\0' ||
                      (show_run("without the defect", &r->passed, e) && putchar('\n') != EOF));
    if (shown && r->violated.directory[0] != '\0')
        show_places(&r->violated);
    if (shown)
        show_counts(r, i);
    return shown;
}

static bool write_file(const flag *f, void (*write)(const ledger *l, buffer *out), const ledger *l,
                       error *e)
{
    buffer text = {0};
    const char *path = last_of(f, NULL);
    if (path == NULL)
        return true;
    write(l, &text);
    bool fine = files_replace(path, buffer_text(&text), text.length, e);
    buffer_free(&text);
    return fine;
}

static bool show(const reproduction *r, error *e)
{
    buffer text = {0};
    if (!r->table)
        return show_single(r, e);
    ledger_write_text(r->ledger, &text);
    if (r->cross)
        ledger_write_cross(r->ledger, &text);
    fputs(buffer_text(&text), stdout);
    buffer_free(&text);
    return true;
}

/* Runs that were cut short show nothing. Folders that hold others stay. */
static void remove_interrupted(const reproduction *r)
{
    error ignored = {0};
    for (size_t i = 0; i < r->trial_count; i++) {
        char parent[TRIAL_PATH_SIZE];
        const trial *t = &r->trials[i];
        if (t->told && r->table)
            continue;
        files_remove_tree(t->folder, &ignored);
        if (files_join(parent, sizeof parent, r->folder, t->scenario->id, &ignored))
            rmdir(parent);
    }
    rmdir(r->folder);
}

static bool carry_out(reproduction *r, const flag *flags, error *e)
{
    if (!places_fine(flags, e) || !build_servers(r, e))
        return false;
    plan_trials(r);
    if (!trials_run(r->trials, r->trial_count, (unsigned)r->jobs, ended, r, e)) {
        remove_interrupted(r);
        return false;
    }
    return show(r, e) && write_file(&flags[JSON], ledger_write_json, r->ledger, e) &&
           write_file(&flags[MARKDOWN], ledger_write_markdown, r->ledger, e) &&
           write_file(&flags[JUNIT], ledger_write_junit, r->ledger, e);
}

/* --- the command --- */

static bool read_flags(reproduction *r, const flag *flags, int operands, char **argv, error *e)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm parts;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    r->seeds = 1;
    r->first_seed = 1;
    r->jobs = processors > 1 ? 2 : 1;
    r->cross = flags[CROSS].count > 0;
    if (!take_number(&flags[SEEDS], 1, SEEDS_MOST, &r->seeds, e) ||
        !take_number(&flags[SEED], 0, UINT32_MAX, &r->first_seed, e) ||
        !take_number(&flags[JOBS], 1, JOBS_MOST, &r->jobs, e) ||
        !choose(r, flags[ALL].count > 0, operands, argv, e))
        return false;
    r->table = flags[ALL].count > 0 || r->count > 1 || r->cross;
    r->keep = flags[KEEP].count > 0 || !r->table;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    int length = snprintf(r->folder, sizeof r->folder, "%s/%s-reproduce-%d",
                          last_of(&flags[RUNS], "runs"), stamp, (int)getpid());
    return (length > 0 && (size_t)length < sizeof r->folder) ||
           error_set(e, ERROR_USAGE, "--runs", "the path is too long");
}

static int reproduce_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [ALL] = {"all", NULL, "all incidents; prints a table", {0}, 0, false},
        [CROSS] = {"cross",
                   NULL,
                   "runs every scenario of the catalogue on every defect chosen",
                   {0},
                   0,
                   false},
        [SEEDS] = {"seeds", "N", "with N seeds each (1)", {0}, 0, false},
        [SEED] = {"seed", "N", "the first seed (1)", {0}, 0, false},
        [JOBS] = {"jobs", "N", "runs side by side (2)", {0}, 0, false},
        [RUNS] = {"runs", "DIR", "where run directories are made (runs)", {0}, 0, false},
        [KEEP] =
            {"keep", NULL, "keeps the directories of runs that went as they should", {0}, 0, false},
        [JSON] = {"json", "FILE", "writes the table as JSON", {0}, 0, false},
        [MARKDOWN] = {"markdown", "FILE", "writes the table as Markdown", {0}, 0, false},
        [JUNIT] = {"junit", "FILE", "writes the table as JUnit XML", {0}, 0, false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal reproduce ID... [flags]\n       ordeal reproduce --all [flags]\n\n"
             "Builds the reference server with the defect of an incident and without it, and runs "
             "the incident's\nscenario on both. Exit code 0: every defect was caught by the "
             "invariant that its story names (19 of 20\nseeds), and the clean server passed every "
             "time; 1: not so; 3: this machine lacks what some scenarios need, the others went as "
             "they should.\n");
        flags_help(flags, FLAGS);
        return 0;
    }
    static const int codes[] = {
        [LEDGER_GOOD] = EXIT_PASS, [LEDGER_SKIPPED] = EXIT_INVALID, [LEDGER_BAD] = EXIT_VIOLATED};
    reproduction r = {.catalogue = catalogue_open(e)};
    bool fine =
        r.catalogue != NULL && read_flags(&r, flags, operands, argv, e) && carry_out(&r, flags, e);
    int code = fine ? codes[ledger_state_of(r.ledger)] : command_failed(e);
    error ignored = {0};
    if (fine && code == 0 && !r.keep)
        files_remove_tree(r.folder, &ignored);
    ledger_free(r.ledger);
    free(r.trials);
    free(r.servers);
    free(r.wanted);
    catalogue_close((catalogue *)(uintptr_t)r.catalogue);
    return code;
}

const command command_reproduce = {
    "reproduce", "ID|--all", "shows that incidents fail with their defect and pass without it",
    reproduce_command};
