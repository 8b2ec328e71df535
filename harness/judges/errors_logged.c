/* errors-logged: each error that a client was answered stands in the target's log with its trace id
 * and status, each error in the log was answered so, and the log calls nothing an error that was
 * served well.
 *
 * The log is target.log; a line counts when it holds "trace_id":"..." with an id of this run and
 * "status":N, or "level":"error" and such an id anywhere. Not a violation: answers while a fault is
 * on or shortly before (a killed server may not have come to write), log lines of requests whose
 * answer never came, pages of one listing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "judges/evidence.h"
#include "judges/fault_windows.h"

static const parameter parameters[] = {
    {"grace", PARAMETER_DURATION, "2s", "around faults, in which lines may be missing", NULL},
    {"fields", PARAMETER_TEXT, "", "names, with blanks between, that each error's line must have",
     NULL},
};
enum { GRACE, FIELDS };

#define TRACE_KEY  "\"trace_id\":\""
#define STATUS_KEY "\"status\":"
#define ERROR_WORD "\"level\":\"error\""

typedef struct {
    const judge_input *in;
    judge_finding *out;
    char prefix[17];       /* of the trace ids of this run */
    unsigned char *logged; /* by record */
    uint64_t lines;
    fault_windows faults;
} work;

/* The operation that a line of the log is about; SIZE_MAX: none of this run. */
static size_t operation_of(const work *w, const char *line)
{
    const char *at = strstr(line, w->prefix);
    if (at == NULL)
        return SIZE_MAX;
    /* The rest of the id is client and sequence, which name an operation as values do. */
    char *rest;
    uint64_t value = strtoull(at + 16, &rest, 16);
    return rest == at + 32 ? index_writer(w->in->index, value) : SIZE_MAX;
}

static void take_status(work *w, size_t record, unsigned long status)
{
    history_record r = history_get(w->in->history, record);
    w->lines++;
    w->logged[record] = 1;
    bool answered = r.failure == FAILURE_NONE || r.failure == FAILURE_STATUS;
    bool paged = r.type == OPERATION_LIST && r.expected > 1;
    if (status < 400 || !answered || paged || status == r.status)
        return;
    if (finding_violate(w->out, r.finish,
                        "the log says %lu of '%.120s', the client was answered %u", status,
                        history_text(w->in->history, r.key), r.status))
        evidence_show(w->in, w->out, record);
}

/* Somebody gets up at night for each error in the log. */
static void take_alarm(work *w, size_t record)
{
    history_record r = history_get(w->in->history, record);
    uint64_t grace = w->in->values[GRACE].number;
    if (r.outcome != OUTCOME_OK || r.status >= 400 ||
        fault_windows_touch(&w->faults, r.invoke, r.finish + grace))
        return;
    if (finding_violate(w->out, r.finish,
                        "the log has an error about '%.120s', which the client was served well",
                        history_text(w->in->history, r.key)))
        evidence_show(w->in, w->out, record);
}

static void judge_fields(work *w, size_t record, const char *line)
{
    history_record r = history_get(w->in->history, record);
    for (const char *at = w->in->values[FIELDS].text; at != NULL && at[0] != '\0';) {
        char key[64];
        size_t length = strcspn(at, " ");
        snprintf(key, sizeof key, "\"%.*s\":", (int)length, at);
        if (length > 0 && r.status >= 400 && strstr(line, key) == NULL &&
            finding_violate(w->out, r.finish, "the log's line about '%.120s' has no %.*s",
                            history_text(w->in->history, r.key), (int)length, at))
            evidence_show(w->in, w->out, record);
        at += length + strspn(at + length, " ");
    }
}

static void take_line(work *w, const char *line)
{
    size_t record = operation_of(w, line);
    if (record == SIZE_MAX)
        return;
    const char *status = strstr(line, STATUS_KEY);
    if (status != NULL && strstr(line, TRACE_KEY) != NULL) {
        take_status(w, record, strtoul(status + sizeof STATUS_KEY - 1, NULL, 10));
        judge_fields(w, record, line);
    } else if (strstr(line, ERROR_WORD) != NULL)
        take_alarm(w, record);
}

static bool read_log(work *w)
{
    char *line = NULL;
    size_t size = 0;
    FILE *log = w->in->target_log_path != NULL ? fopen(w->in->target_log_path, "re") : NULL;
    if (log == NULL)
        return false;
    while (getline(&line, &size, log) >= 0)
        take_line(w, line);
    free(line);
    fclose(log);
    return true;
}

static void find_missing(work *w)
{
    uint64_t grace = w->in->values[GRACE].number;
    for (size_t i = 0; i < history_count(w->in->history); i++) {
        history_record r = history_get(w->in->history, i);
        if (r.kind != RECORD_OPERATION || r.status < 400 || r.type == OPERATION_GARBAGE)
            continue;
        w->out->examined++;
        if (w->logged[i] || fault_windows_touch(&w->faults, r.invoke, r.finish + grace))
            continue;
        if (finding_violate(w->out, r.finish, "status %u of '%.120s' is not in the target's log",
                            r.status, history_text(w->in->history, r.key)))
            evidence_show(w->in, w->out, i);
    }
}

static void examine(const judge_input *in, judge_finding *out)
{
    work w = {.in = in, .out = out, .faults = fault_windows_find(in, in->values[GRACE].number)};
    snprintf(w.prefix, sizeof w.prefix, "%016" PRIx64, random_mix(in->seed));
    w.logged = memory_zeroed(history_count(in->history) + 1, 1);
    bool there = read_log(&w);
    find_missing(&w);
    free(w.logged);
    free(w.faults.windows);
    if (!there) {
        *out = (judge_finding){0};
        finding_doubt(out, "there is no log of the target");
    } else if (out->violations == 0 && out->examined == 0) {
        finding_doubt(out, "no error was answered, so none could be missing");
    } else if (out->violations == 0) {
        finding_hold(out,
                     "%" PRIu64 " errors answered to clients and %" PRIu64
                     " lines of the log are the same",
                     out->examined, w.lines);
    }
}

const judge judge_errors_logged = {
    .name = "errors-logged",
    .definition = "Each error that a client was answered stands in the target's log with its trace "
                  "id and status, each error in the log was answered so, and none is about what "
                  "was served well.",
    .needs = "a target whose log names trace_id and status as JSON, and errors",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
