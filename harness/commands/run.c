/* ordeal run SCENARIO */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "commands/stored_run.h"
#include "plan/plan.h"
#include "reports/live_page.h"

enum {
    SEED,
    SET,
    TARGET,
    RUNS,
    PRINT_PLAN,
    DRY_RUN,
    QUIET,
    METRICS_PORT,
    WEB,
    KEEP_DATA,
    RECORD_STORAGE,
    HELP,
    FLAGS
};

static int print_plan(const plan *p)
{
    buffer text = {0};
    plan_print(p, &text);
    fputs(buffer_text(&text), stdout);
    buffer_free(&text);
    return 0;
}

/* Absent: *given false, and *port as it was. */
static bool take_port(const flag *f, const char *name, bool *given, uint16_t *port, error *e)
{
    uint64_t number = 0;
    *given = f->count > 0;
    if (!*given)
        return true;
    const char *text = f->given[f->count - 1];
    if (!units_whole(text, &number) || number > UINT16_MAX)
        return error_set(e, ERROR_USAGE, name, "'%s' is not a port (0 to 65535)", text);
    *port = (uint16_t)number;
    return true;
}

static int execute(const plan *p, const flag *flags, int argc, char **argv, error *e)
{
    const char *folder = flags[RUNS].count > 0 ? flags[RUNS].given[flags[RUNS].count - 1] : "runs";
    char directory[512];
    live_options view = {.quiet = flags[QUIET].count > 0};
    buffer page = {0};
    bool web = false;
    if (!take_port(&flags[METRICS_PORT], "--metrics-port", &view.metrics, &view.metrics_port, e) ||
        !take_port(&flags[WEB], "--web", &web, &view.web_port, e))
        return command_failed(e);
    if (web) {
        live_page_write(p->scenario, &page);
        view.web_page = buffer_text(&page);
    }
    int code =
        stored_run_make(p, folder, &view, flags[KEEP_DATA].count > 0, argc, argv, directory, e);
    buffer_free(&page);
    return code >= 0 ? code : command_failed(e);
}

static bool take_seed(const flag *f, scenario_request *request, error *e)
{
    request->has_seed = f->count > 0;
    return f->count == 0 || units_whole(f->given[f->count - 1], &request->seed) ||
           error_set(e, ERROR_USAGE, "--seed", "'%s' is not a whole number",
                     f->given[f->count - 1]);
}

static int run_scenario(const char *file, const flag *flags, int argc, char **argv, error *e)
{
    scenario_request request = {
        .file = file,
        .target = flags[TARGET].count > 0 ? flags[TARGET].given[flags[TARGET].count - 1] : NULL,
        .sets = flags[SET].given,
        .set_count = flags[SET].count,
    };
    scenario *s = take_seed(&flags[SEED], &request, e) ? scenario_load(&request, e) : NULL;
    if (s == NULL)
        return command_failed(e);
    plan *p = plan_make(s);
    int code = 0;
    if (flags[PRINT_PLAN].count > 0)
        code = print_plan(p);
    else if (flags[DRY_RUN].count > 0)
        printf("%s: fine, %zu clients, %zu faults, %zu invariants\n", s->file, p->client_count,
               p->moment_count, s->invariant_count);
    else
        code = execute(p, flags, argc, argv, e);
    plan_free(p);
    scenario_free(s);
    return code;
}

static int run_command(int argc, char **argv, error *e)
{
    flag flags[FLAGS] = {
        [SEED] = {"seed", "N", "replaces the scenario's seed", {0}, 0, false},
        [SET] = {"set",
                 "K=V",
                 "sets a value of the scenario: --set duration=10s, --set clients.0.count=5",
                 {0},
                 0,
                 true},
        [TARGET] =
            {"target", "T", "replaces the scenario's target: a name or a file", {0}, 0, false},
        [RUNS] = {"runs", "DIR", "where run directories are made (runs)", {0}, 0, false},
        [PRINT_PLAN] =
            {"print-plan", NULL, "prints what the run would do, and does not run", {0}, 0, false},
        [DRY_RUN] =
            {"dry-run", NULL, "checks scenario and target, and does not run", {0}, 0, false},
        [QUIET] = {"quiet", NULL, "prints the verdict alone", {0}, 0, false},
        [METRICS_PORT] = {"metrics-port",
                          "PORT",
                          "serves Prometheus metrics of the running test on 127.0.0.1; 0: any",
                          {0},
                          0,
                          false},
        [WEB] = {"web",
                 "PORT",
                 "shows the running test to a browser on this machine, at http://127.0.0.1:PORT; "
                 "0: any",
                 {0},
                 0,
                 false},
        [KEEP_DATA] =
            {"keep-data", NULL, "leaves the target's data in the run directory", {0}, 0, false},
        [RECORD_STORAGE] = {"record-storage",
                            NULL,
                            "keeps what `ordeal crash` needs, as record: storage does",
                            {0},
                            0,
                            false},
        [HELP] = {"help", NULL, "this text", {0}, 0, false},
    };
    /* flags_read reorders argv; what run.json quotes is as it was typed. */
    char *typed[256];
    int typed_count = argc < 256 ? argc : 256;
    memcpy(typed, argv, (size_t)typed_count * sizeof *typed);
    int operands;
    if (!flags_read(flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (flags[HELP].count > 0) {
        puts("usage: ordeal run SCENARIO [flags]\n\nSCENARIO is a file, or the name of one that "
             "comes along (ordeal list scenarios).\n");
        flags_help(flags, FLAGS);
        return 0;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal run", "give one scenario, such as scenarios/smoke.yaml");
        return command_failed(e);
    }
    if (flags[RECORD_STORAGE].count > 0 && flags[SET].count < FLAG_TIMES_MOST)
        flags[SET].given[flags[SET].count++] = "record=storage";
    return run_scenario(argv[1], flags, typed_count, typed, e);
}

const command command_run = {"run", "SCENARIO", "runs a scenario against its target and judges it",
                             run_command};
