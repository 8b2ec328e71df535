#include "explore/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "explore/progress.h"
#include "run/interrupt.h"

#define SAVE_EVERY NANOSECONDS_PER_SECOND
/* A story that does more than this is no request story; it would never end. */
#define OPERATIONS_MOST 5000

/* Looking at names and numbers: only a dying disk refuses that. */
#define LOOKING                                                                                    \
    (STORAGE_BIT(STORAGE_LOOKUP) | STORAGE_BIT(STORAGE_GETATTR) | STORAGE_BIT(STORAGE_STATFS) |    \
     STORAGE_BIT(STORAGE_READLINK) | STORAGE_BIT(STORAGE_GETXATTR))

static const struct {
    const char *name;
    int number;
    uint64_t operations; /* that can end so */
} error_rows[] = {
    {"EIO", EIO, STORAGE_ALL},
    {"ENOSPC", ENOSPC,
     STORAGE_NAMING | STORAGE_SYNCING | STORAGE_BIT(STORAGE_WRITE) | STORAGE_BIT(STORAGE_RENAME) |
         STORAGE_BIT(STORAGE_FALLOCATE) | STORAGE_BIT(STORAGE_TRUNCATE)},
    {"EDQUOT", EDQUOT,
     STORAGE_NAMING | STORAGE_SYNCING | STORAGE_BIT(STORAGE_WRITE) | STORAGE_BIT(STORAGE_RENAME) |
         STORAGE_BIT(STORAGE_FALLOCATE) | STORAGE_BIT(STORAGE_TRUNCATE)},
    {"EROFS", EROFS, STORAGE_MUTATING | STORAGE_BIT(STORAGE_OPEN_WRITE)},
    {"EMFILE", EMFILE,
     STORAGE_BIT(STORAGE_OPEN_READ) | STORAGE_BIT(STORAGE_OPEN_WRITE) |
         STORAGE_BIT(STORAGE_CREATE) | STORAGE_BIT(STORAGE_READDIR)},
    {"ENOENT", ENOENT,
     STORAGE_NAMING | STORAGE_BIT(STORAGE_OPEN_READ) | STORAGE_BIT(STORAGE_OPEN_WRITE) |
         STORAGE_BIT(STORAGE_RENAME) | STORAGE_BIT(STORAGE_UNLINK)},
};
#define ERROR_ROWS (sizeof error_rows / sizeof error_rows[0])

/* One kind of fault: a row of the walk. The first may be followed by one in the recovery. */
typedef struct {
    storage_rule rules[PHASES];
    const char *names[PHASES];
} fault_kind_row;

typedef struct {
    const sweep_options *options;
    sweep_report *report;
    story story;
    fault_kind_row rows[SITE_KINDS_MOST];
    char path[600];
    progress progress;
    uint64_t began;
    uint64_t time_before;
    uint64_t servers_before;
    uint64_t tellings_before;
    uint64_t saved;
} sweeper;

const char *sweep_error_name(int number)
{
    for (size_t i = 0; i < ERROR_ROWS; i++)
        if (error_rows[i].number == number)
            return error_rows[i].name;
    return "?";
}

bool sweep_errors_parse(const char *text, sweep_errors *out, error *e)
{
    out->count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        size_t row = 0;
        while (row < ERROR_ROWS && (strlen(error_rows[row].name) != length ||
                                    strncmp(error_rows[row].name, text, length) != 0))
            row++;
        if (row == ERROR_ROWS || out->count == SWEEP_ERRORS_MOST)
            return error_set(e, ERROR_USAGE, "errors",
                             "'%.*s' is not one of EIO, ENOSPC, EDQUOT, EROFS, EMFILE, ENOENT",
                             (int)length, text);
        out->numbers[out->count++] = error_rows[row].number;
        text += length + (text[length] == ',');
    }
    return true;
}

/* --- the rows --- */

static storage_rule error_rule(int number, bool once)
{
    storage_rule rule = {.probability = 1, .action = STORAGE_ERROR, .error_number = number};
    for (size_t i = 0; i < ERROR_ROWS; i++)
        if (error_rows[i].number == number)
            rule.operations = error_rows[i].operations;
    rule.count = once ? 1 : 0;
    CHECK(rule.operations != 0);
    return rule;
}

static storage_rule kill_rule(storage_action action)
{
    return (storage_rule){.operations = STORAGE_MUTATING | STORAGE_SYNCING,
                          .probability = 1,
                          .count = 1,
                          .action = action};
}

static fault_kind_row *add_row(sweeper *x, const char *format, const char *name)
{
    site_map *m = &x->report->map;
    CHECK(m->kind_count < SITE_KINDS_MOST);
    snprintf(m->kinds[m->kind_count], SITE_NAME_SIZE, "%s%s", name, format);
    fault_kind_row *row = &x->rows[m->kind_count++];
    *row = (fault_kind_row){0};
    return row;
}

/* A recovery may look through many directories; one more of them that cannot be looked at or listed
 * tells nothing new, and the square of their number takes for ever. */
static void add_second_rows(sweeper *x)
{
    const sweep_options *o = x->options;
    const sweep_errors *errors = o->second_errors.count > 0 ? &o->second_errors : &o->errors;
    fault_kind_row *row = add_row(x, "kill, kill in recovery", "");
    row->rules[PHASE_STORY] = kill_rule(STORAGE_KILL_AFTER);
    row->rules[PHASE_RECOVERY] = kill_rule(STORAGE_KILL_BEFORE);
    for (size_t i = 0; i < errors->count; i++) {
        row = add_row(x, " in recovery", sweep_error_name(errors->numbers[i]));
        row->rules[PHASE_STORY] = kill_rule(STORAGE_KILL_AFTER);
        row->rules[PHASE_RECOVERY] = error_rule(errors->numbers[i], true);
        row->rules[PHASE_RECOVERY].operations &= ~(LOOKING | STORAGE_BIT(STORAGE_READDIR));
    }
}

static void add_rows(sweeper *x)
{
    const sweep_options *o = x->options;
    for (size_t i = 0; i < o->errors.count; i++)
        for (int once = 1; once >= 0; once--)
            add_row(x, once ? " once" : " from there on", sweep_error_name(o->errors.numbers[i]))
                ->rules[PHASE_STORY] = error_rule(o->errors.numbers[i], once);
    add_row(x, "kill before", "")->rules[PHASE_STORY] = kill_rule(STORAGE_KILL_BEFORE);
    add_row(x, "kill after", "")->rules[PHASE_STORY] = kill_rule(STORAGE_KILL_AFTER);
    if (o->second)
        add_second_rows(x);
}

/* --- one telling --- */

static uint64_t total(const uint64_t counts[STORAGE_OPERATIONS], uint64_t mask)
{
    uint64_t sum = 0;
    for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++)
        if (mask >> o & 1)
            sum += counts[o];
    return sum;
}

static void note_bad(sweeper *x, const story_end *end)
{
    sweep_report *r = x->report;
    r->bad++;
    if (r->finding_count == SWEEP_FINDINGS_MOST)
        return;
    sweep_finding *f = &r->findings[r->finding_count++];
    *f = (sweep_finding){.place = r->next, .operation = "?"};
    memcpy(f->kind, r->map.kinds[r->next.kind], sizeof f->kind);
    memcpy(f->invariant, end->invariant, sizeof f->invariant);
    memcpy(f->sentence, end->sentence, sizeof f->sentence);
    for (story_phase p = 0; p < PHASES; p++)
        for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++)
            if (end->fired[p][o] > 0)
                snprintf(f->operation, sizeof f->operation, "%s", storage_operation_name(o));
}

static bool tell(sweeper *x, uint64_t *fired_first, uint64_t *fired_second, error *e)
{
    sweep_report *r = x->report;
    const fault_kind_row *row = &x->rows[r->next.kind];
    story_fault hurt = {.rules = {row->rules[PHASE_STORY], row->rules[PHASE_RECOVERY]}};
    story_end end;
    hurt.rules[PHASE_STORY].skip = r->next.first - 1;
    if (hurt.rules[PHASE_RECOVERY].operations != 0)
        hurt.rules[PHASE_RECOVERY].skip = r->next.second - 1;
    if (!story_tell(&x->story, &hurt, &end, e))
        return false;
    if (interrupt_asked())
        return true;
    *fired_first = total(end.fired[PHASE_STORY], STORAGE_ALL);
    *fired_second = total(end.fired[PHASE_RECOVERY], STORAGE_ALL);
    r->tellings++;
    site_map_add(&r->map, r->next.kind, &end);
    if (end.invariant[0] != '\0')
        note_bad(x, &end);
    return true;
}

/* --- the walk --- */

static bool save(sweeper *x, error *e)
{
    sweep_report *r = x->report;
    x->saved = timing_now();
    r->servers = x->servers_before + x->story.servers;
    r->nanoseconds = x->time_before + (x->saved - x->began);
    return sweep_report_write(r, x->story.scenario, x->path, e);
}

static bool tend(sweeper *x, error *e)
{
    char text[128];
    const sweep_report *r = x->report;
    if (progress_due(&x->progress)) {
        snprintf(text, sizeof text, "%s at operation %llu, %llu bad", r->map.kinds[r->next.kind],
                 (unsigned long long)r->next.first, (unsigned long long)r->bad);
        progress_show(&x->progress, "telling", r->tellings, r->expected, x->tellings_before, text);
    }
    return timing_now() - x->saved < SAVE_EVERY || save(x, e);
}

static bool over(const sweeper *x)
{
    return interrupt_asked() || (x->options->stop_at_first && x->report->bad > 0);
}

/* To the next operation of the recovery, of the story, or to the next kind of fault. */
static void step(sweeper *x, uint64_t fired_first, uint64_t fired_second)
{
    sweep_place *at = &x->report->next;
    bool second = x->rows[at->kind].rules[PHASE_RECOVERY].operations != 0;
    if (fired_first == 0 || at->first >= OPERATIONS_MOST) {
        *at = (sweep_place){.kind = at->kind + 1, .first = 1, .second = 1};
    } else if (second && fired_second > 0 && at->second < OPERATIONS_MOST) {
        at->second++;
    } else {
        at->first++;
        at->second = 1;
    }
}

static bool walk(sweeper *x, error *e)
{
    sweep_report *r = x->report;
    while (r->next.kind < r->map.kind_count && !over(x)) {
        uint64_t first = 0;
        uint64_t second = 0;
        if (!tell(x, &first, &second, e))
            return false;
        if (interrupt_asked())
            break;
        step(x, first, second);
        if (r->next.kind < r->map.kind_count && !tend(x, e))
            return false;
    }
    r->finished = r->next.kind == r->map.kind_count;
    r->interrupted = interrupt_asked();
    return save(x, e);
}

/* --- the beginning --- */

static storage_rule counting(void)
{
    return (storage_rule){.operations = STORAGE_ALL, .probability = 1, .skip = UINT64_MAX};
}

/* Without any fault: it must go well, and tells how many operations there are. */
static bool look_ahead(sweeper *x, error *e)
{
    sweep_report *r = x->report;
    story_end end;
    story_fault none = {.rules = {counting(), counting()}};
    if (!story_tell(&x->story, &none, &end, e) || interrupt_asked())
        return interrupt_asked();
    if (end.invariant[0] != '\0')
        return error_set(e, ERROR_TARGET, end.invariant, "without any fault already: %s",
                         end.sentence);
    memcpy(r->map.reached, end.seen, sizeof end.seen);
    r->expected = 0;
    for (size_t i = 0; i < r->map.kind_count; i++) {
        const storage_rule *rules = x->rows[i].rules;
        uint64_t first = total(end.seen[PHASE_STORY], rules[PHASE_STORY].operations);
        uint64_t second = total(end.seen[PHASE_RECOVERY], rules[PHASE_RECOVERY].operations);
        r->expected += first * (second + 1) + 1;
    }
    return true;
}

static bool take_up(sweeper *x, error *e)
{
    sweep_report *r = x->report;
    site_map kinds = r->map;
    char name[SITE_NAME_SIZE * 3];
    snprintf(name, sizeof name, "%s.sweep.json", x->story.scenario->name);
    if (!files_make_directories(x->options->folder, 0755, e) ||
        !files_join(x->path, sizeof x->path, x->options->folder, name, e))
        return false;
    bool resumes = !x->options->fresh && sweep_report_read(x->path, x->story.scenario, &kinds, r);
    if (!resumes)
        *r = (sweep_report){.map = kinds, .next = {.first = 1, .second = 1}};
    r->resumed = resumes;
    x->time_before = r->nanoseconds;
    x->servers_before = r->servers;
    x->tellings_before = r->tellings;
    return true;
}

bool sweep_explore(const scenario *s, const sweep_options *options, sweep_report *out, error *e)
{
    scratch work;
    sweeper x = {.options = options, .report = out};
    error problem = {0};
    *out = (sweep_report){.tellings = 0};
    add_rows(&x);
    if (!storage_mount_possible(e))
        return false;
    bool done = scratch_make(&work, e) && story_open(&x.story, s, &work, e);
    if (done) {
        x.began = timing_now();
        x.progress = progress_begin(options->quiet);
        done = take_up(&x, e) && look_ahead(&x, e) && walk(&x, e);
        progress_end(&x.progress);
        done = story_close(&x.story, &problem) && done;
    }
    done = scratch_remove(&work, &problem) && done;
    if (problem.kind != ERROR_NONE && e->kind == ERROR_NONE)
        *e = problem;
    return done;
}
