/* ordeal qualify TARGET: asks a server what its protocol requires and puts it through the tiers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "commands/command.h"
#include "commands/flags.h"
#include "plan/scenario.h"
#include "qualify/differential.h"
#include "qualify/login.h"
#include "qualify/result.h"
#include "qualify/server.h"
#include "run/folder.h"
#include "run/interrupt.h"
#include "target/install.h"
#include "verdict/verdict.h"

#define KNOWN_MOST ((size_t)1 << 20)

enum {
    ONLY,
    TIER,
    NO_TIERS,
    NO_INSTALL,
    STRICT,
    KNOWN,
    DIFFERENTIAL,
    AGAINST,
    RUNS,
    LIST,
    HELP,
    FLAGS
};

static const flag no_flags[FLAGS] = {
    [ONLY] = {.name = "only",
              .value = "ADDRESS",
              .description = "ask only this case or those below it; may be given again",
              .again = true},
    [TIER] = {.name = "tier",
              .value = "NAME",
              .description = "run only this chaos tier; may be given again",
              .again = true},
    [NO_TIERS] = {.name = "no-tiers", .description = "conformance only"},
    [NO_INSTALL] = {.name = "no-install",
                    .description = "fail when the target's program is not here"},
    [STRICT] = {.name = "strict", .description = "a SHOULD that does not hold fails too"},
    [KNOWN] = {.name = "known",
               .value = "FILE",
               .description = "addresses, one a line, that are known to fail"},
    [DIFFERENTIAL] = {.name = "differential",
                      .description = "the same with the reference server, and where they differ"},
    [AGAINST] = {.name = "against",
                 .value = "TARGET",
                 .description = "with --differential: this one instead of the reference server"},
    [RUNS] = {.name = "runs", .value = "DIR", .description = "where the qualification goes (runs)"},
    [LIST] = {.name = "list", .description = "print cases and tiers and do nothing"},
    [HELP] = {.name = "help", .description = "this text"},
};

typedef struct {
    flag flags[FLAGS];
    scenario *scenario; /* of a tier: for the target in it */
    qualification *result;
    buffer known;
    char folder[512];
    char run[40]; /* tells this run's names from others' */
} qualifying;

static void print_help(const flag *flags)
{
    puts(
        "usage: ordeal qualify TARGET [flags]\n\nAsks a server (a target file, or the name of one) "
        "what its protocol requires, puts it through\nload and faults, and says per capability "
        "what holds. What the target lacks is not applicable,\nnever passed.\n");
    flags_help(flags, FLAGS);
    puts("\nexit codes: 0 all that applies holds, 1 something does not, 3 a tier proved nothing");
}

static void print_list(void)
{
    for (size_t i = 0; i < suite_count; i++) {
        printf("%s: %s\n", suites[i]->name, suites[i]->text);
        for (size_t k = 0; k < suites[i]->count; k++) {
            const conformance_case *c = &suites[i]->cases[k];
            printf("  %-28s %-6s %s (%s)\n", c->address, case_level_name(c->level), c->requires,
                   c->section);
        }
    }
    puts("tiers");
    for (size_t i = 0; i < tier_count; i++)
        printf("  %-28s %s\n", tiers[i].name, tiers[i].about);
}

static bool wanted(const flag *f, const char *name, bool below)
{
    for (size_t i = 0; i < f->count; i++)
        if (below ? conformance_matches(f->given[i], name) : strcmp(f->given[i], name) == 0)
            return true;
    return f->count == 0;
}

/* Flags that name nothing are mistakes, not empty selections. */
static bool names_something(const flag *f, bool (*exists)(const char *text), error *e)
{
    for (size_t i = 0; i < f->count; i++)
        if (!exists(f->given[i]))
            return error_set(e, ERROR_USAGE, f->name,
                             "there is no '%s'; 'ordeal qualify --list' prints what there is",
                             f->given[i]);
    return true;
}

static bool case_exists(const char *text)
{
    for (size_t i = 0; i < suite_count; i++)
        for (size_t k = 0; k < suites[i]->count; k++)
            if (conformance_matches(text, suites[i]->cases[k].address))
                return true;
    return false;
}

static bool tier_exists(const char *text)
{
    for (size_t i = 0; i < tier_count; i++)
        if (strcmp(tiers[i].name, text) == 0)
            return true;
    return false;
}

static bool is_known(const qualifying *q, const char *address)
{
    size_t length = strlen(address);
    for (const char *line = buffer_text(&q->known); *line != '\0';) {
        size_t whole = strcspn(line, "\n");
        size_t word = strcspn(line, " \t#\n");
        if (word == length && strncmp(line, address, length) == 0)
            return true;
        line += whole + (line[whole] == '\n');
    }
    return false;
}

/* Where a protocol keeps what the cases are about. */
static probe_target place_of(const qualify_server *server, const target_description *t)
{
    bool reference = strcmp(t->driver->name, "reference") == 0;
    bool tus = strcmp(t->driver->name, "tus") == 0;
    bool named =
        (t->capabilities & CAPABILITY_FILES) != 0 && !tus && strcmp(t->driver->name, "oci") != 0;
    return (probe_target){
        .base = server->base_url,
        .files = named ? (reference ? "/v1/files/" : "/") : NULL,
        .uploads = reference ? "/v1/uploads"
                   : tus     ? server->base_url
                             : NULL,
        .uploads_are_files = tus && (t->capabilities & CAPABILITY_FILES) != 0,
        .upload_names = reference,
        .auth = &t->auth,
        .secret = t->secret_given,
        .protocol = t->driver->name,
        .capabilities = t->capabilities | (reference ? CAPABILITY_UPLOADS : 0),
        .pid = qualify_server_pid(server),
        .data = server->data[0] != '\0' ? server->data : NULL,
    };
}

/* A case that the server does not survive, or the one before it, has failed whatever it saw. */
static bool survive(qualifying *q, qualify_server *server, case_result *r, error *e)
{
    if (!qualify_server_ended(server, r->unanswered, r->actual, sizeof r->actual))
        return true;
    r->verdict = CASE_FAILED;
    return qualify_server_again(server, &q->scenario->target, e);
}

static bool ask_cases(qualifying *q, qualify_server *server, probe_target *place, error *e)
{
    const driver *d = q->scenario->target.driver;
    for (size_t i = 0; i < suite_count; i++)
        for (size_t k = 0; k < suites[i]->count && !interrupt_asked(); k++) {
            const conformance_case *c = &suites[i]->cases[k];
            if (!wanted(&q->flags[ONLY], c->address, true))
                continue;
            CHECK(q->result->case_count < RESULT_CASES_MOST);
            case_result *r = &q->result->cases[q->result->case_count++];
            place->pid = qualify_server_pid(server);
            conformance_ask(c, suites[i], place, d, q->run, r);
            if (!survive(q, server, r, e))
                return false;
            r->known = is_known(q, c->address);
            q->result->surprises += r->known && r->verdict == CASE_OK;
        }
    return true;
}

/* What the cases need to be there: as `ordeal run` has it made by the driver. What comes of it the
 * cases will tell. */
static void make_bucket(const probe_target *place, const char *run)
{
    if (strcmp(place->protocol, "s3") != 0)
        return;
    probe *p = probe_open(place, run);
    probe_ask(p, "PUT", place->base, NULL, "", 0);
    probe_close(p);
}

static bool conform(qualifying *q, error *e)
{
    qualify_server server;
    const target_description *t = &q->scenario->target;
    bool fine = qualify_server_start(&server, t, q->folder, e);
    if (fine) {
        probe_target place = place_of(&server, t);
        char token[LOGIN_TOKEN_SIZE];
        make_bucket(&place, q->run);
        place.bearer = login(&place, t->driver, q->run, token);
        /* An account is no administrator. */
        if (place.bearer != NULL)
            place.capabilities &= ~(unsigned)CAPABILITY_ADMIN;
        fine = ask_cases(q, &server, &place, e);
    }
    qualify_server_stop(&server);
    return fine;
}

/* Of tus only the server itself says whether uploads can be taken back. */
static bool find_deletes(qualifying *q, unsigned *capabilities, error *e)
{
    char extensions[1024];
    qualify_server server;
    const target_description *t = &q->scenario->target;
    *capabilities = t->capabilities | TIER_DELETES;
    if (strcmp(t->driver->name, "tus") != 0)
        return true;
    bool fine = qualify_server_start(&server, t, q->folder, e);
    if (fine) {
        probe_target place = place_of(&server, t);
        probe *p = probe_open(&place, q->run);
        const reply *r = probe_ask(p, "OPTIONS", place.base, (const char *const[]){NULL}, NULL, 0);
        reply_field(r, "Tus-Extension", extensions, sizeof extensions);
        if (strstr(extensions, "termination") == NULL)
            *capabilities &= ~TIER_DELETES;
        probe_close(p);
    }
    qualify_server_stop(&server);
    return fine;
}

static bool run_tiers(qualifying *q, const char *target, error *e)
{
    unsigned capabilities;
    if (!find_deletes(q, &capabilities, e))
        return false;
    for (size_t i = 0; i < tier_count && !interrupt_asked(); i++) {
        if (!wanted(&q->flags[TIER], tiers[i].name, false))
            continue;
        CHECK(q->result->tier_count < RESULT_TIERS_MOST);
        tier_result *r = &q->result->tiers[q->result->tier_count++];
        printf("tier %s ...\n", tiers[i].name);
        fflush(stdout);
        if (!tier_run(&tiers[i], target, capabilities, q->folder, r, e))
            return false;
    }
    return true;
}

static bool prepare(qualifying *q, const char *target, error *e)
{
    const flag *known = &q->flags[KNOWN];
    const flag *runs = &q->flags[RUNS];
    scenario_request request = {.file = tiers[0].scenario, .target = target};
    if (!names_something(&q->flags[ONLY], case_exists, e) ||
        !names_something(&q->flags[TIER], tier_exists, e))
        return false;
    if (known->count > 0 && !files_read(known->given[0], KNOWN_MOST, &q->known, e))
        return false;
    q->scenario = scenario_load(&request, e);
    if (q->scenario == NULL)
        return false;
    char name[128];
    snprintf(name, sizeof name, "qualify-%.100s", q->scenario->target.name);
    if (!folder_make(runs->count > 0 ? runs->given[0] : "runs", name, q->folder, sizeof q->folder,
                     e))
        return false;
    snprintf(q->run, sizeof q->run, "q%llx", (unsigned long long)timing_wall());
    q->result = memory_zeroed(1, sizeof *q->result);
    q->result->target = q->scenario->target.name;
    q->result->driver = q->scenario->target.driver->name;
    q->result->capabilities = q->scenario->target.capabilities;
    q->result->strict = q->flags[STRICT].count > 0;
    return true;
}

/* Unattended: a target file says how its program comes. */
static bool bring(const qualifying *q, error *e)
{
    char log[512];
    const target_description *t = &q->scenario->target;
    if (install_is_here(t->needs))
        return true;
    if (t->install == NULL || q->flags[NO_INSTALL].count > 0)
        return install_check(t->needs, t->install, t->name, e);
    if (!files_join(log, sizeof log, q->folder, "install.log", e))
        return false;
    printf("installing '%s' ...\n", t->needs);
    return install_run(t->needs, t->install, log, e);
}

/* All that is asked for, and qualify.json of it. */
static bool ask_all(qualifying *q, const char *target, error *e)
{
    bool some = q->flags[ONLY].count > 0;
    bool fine = prepare(q, target, e) && bring(q, e);
    fine = fine && (q->flags[TIER].count > 0 && !some ? true : conform(q, e));
    bool chaos = q->flags[NO_TIERS].count == 0 && (!some || q->flags[TIER].count > 0);
    fine = fine && (!chaos || run_tiers(q, target, e));
    if (fine && interrupt_asked())
        fine = error_set(e, ERROR_INTERRUPT, "", "interrupted");
    return fine && result_write(q->result, q->folder, e);
}

static void forget(qualifying *q)
{
    scenario_free(q->scenario);
    buffer_free(&q->known);
    free(q->result);
}

static bool print_differences(const qualifying *other, const qualifying *q, error *e)
{
    char path[600];
    if (!files_join(path, sizeof path, q->folder, "differential.txt", e))
        return false;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return error_errno(e, path, "cannot be written");
    bool fine = differential_print(other->result, q->result, file, e);
    fine = (fclose(file) == 0 || error_errno(e, path, "cannot be written")) && fine;
    if (fine) {
        putchar('\n');
        fine = differential_print(other->result, q->result, stdout, e);
    }
    return fine;
}

static bool differ(const qualifying *q, error *e)
{
    qualifying other = {.scenario = NULL};
    const flag *against = &q->flags[AGAINST];
    memcpy(other.flags, q->flags, sizeof other.flags);
    other.flags[KNOWN].count = 0;
    bool fine = ask_all(&other, against->count > 0 ? against->given[0] : "reference", e) &&
                print_differences(&other, q, e);
    forget(&other);
    return fine;
}

static int carry_out(qualifying *q, const char *target, error *e)
{
    interrupt_listen();
    if (!ask_all(q, target, e))
        return command_failed(e);
    result_print(q->result, stdout);
    if (q->flags[DIFFERENTIAL].count > 0 && !differ(q, e))
        return command_failed(e);
    printf("\nall of it: %s/qualify.json\n", q->folder);
    return result_exit_code(q->result);
}

static int qualify_command(int argc, char **argv, error *e)
{
    qualifying q = {.scenario = NULL};
    int operands = 0;
    memcpy(q.flags, no_flags, sizeof no_flags);
    if (!flags_read(q.flags, FLAGS, argc, argv, &operands, e))
        return command_failed(e);
    if (q.flags[HELP].count > 0) {
        print_help(q.flags);
        return EXIT_PASS;
    }
    if (q.flags[LIST].count > 0) {
        print_list();
        return EXIT_PASS;
    }
    if (operands != 1) {
        error_set(e, ERROR_USAGE, "ordeal qualify", "give one target, such as nginx-dav");
        return command_failed(e);
    }
    int code = carry_out(&q, argv[1], e);
    forget(&q);
    return code;
}

const command command_qualify = {
    "qualify", "TARGET", "what a server holds of its protocol, and under faults", qualify_command};
