#include "qualify/tiers.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "drivers/driver.h"
#include "run/interrupt.h"

#define SUMMARY_MOST ((size_t)4 << 20)

const tier tiers[] = {
    {"integrity", "tiers/integrity", "what is read was written, byte for byte, under load",
     CAPABILITY_FILES},
    {"concurrency", "tiers/concurrency", "many writers of one name: some order explains all reads",
     CAPABILITY_FILES | TIER_DELETES},
    {"uploads", "tiers/uploads",
     "uploads that are cut, resumed, shared and left end as they should",
     CAPABILITY_FILES | CAPABILITY_UPLOADS | TIER_DELETES},
    {"abandoned", "tiers/abandoned", "clients that walk away leave nothing behind",
     CAPABILITY_FILES},
    {"slow-clients", "tiers/slow-clients", "slow clients hold nobody else up", CAPABILITY_FILES},
    {"network", "tiers/network", "connections that are slow, cut and reset do no harm",
     CAPABILITY_FILES},
    {"disk-full", "tiers/disk-full", "a full disk loses and corrupts nothing", CAPABILITY_FILES},
    {"vanished-directory", "tiers/vanished-directory", "a directory that vanishes is survived",
     CAPABILITY_FILES},
    {"kill", "tiers/kill", "what was acknowledged survives kill -9", CAPABILITY_FILES},
    {"power-cut", "tiers/power-cut", "what was acknowledged survives a power cut",
     CAPABILITY_FILES},
    {"clock", "tiers/clock", "jumps of the clock do no harm", CAPABILITY_FILES},
};
const size_t tier_count = sizeof tiers / sizeof tiers[0];

_Noreturn static void become_run(const tier *t, const char *target, const char *folder, int output,
                                 pid_t parent)
{
    const char *arguments[] = {"ordeal", "run",    t->scenario, "--quiet", "--target",
                               target,   "--runs", folder,      NULL};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", (char **)(uintptr_t)arguments);
    _exit(127);
}

static bool run_child(const tier *t, const char *target, const char *folder, error *e)
{
    char output[512];
    int status = 0;
    if (!files_make_directories(folder, 0755, e) ||
        !files_join(output, sizeof output, folder, "output", e))
        return false;
    int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(e, output, "cannot be written");
    pid_t own = getpid();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become_run(t, target, folder, fd, own);
    close(fd);
    if (child < 0)
        return error_errno(e, "ordeal run", "cannot be started");
    while (waitpid(child, &status, 0) != child)
        if (interrupt_asked())
            kill(child, SIGTERM);
    return true;
}

static void find_directory(const char *folder, tier_result *out)
{
    error ignored = {0};
    DIR *all = opendir(folder);
    for (const struct dirent *one; all != NULL && (one = readdir(all)) != NULL;)
        if (one->d_type == DT_DIR && one->d_name[0] != '.')
            files_join(out->directory, sizeof out->directory, folder, one->d_name, &ignored);
    if (all != NULL)
        closedir(all);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* A violated invariant says most, then why the run is invalid. */
static void take_sentence(const json_t *root, tier_result *out)
{
    size_t i;
    const json_t *one;
    const char *reason = json_string_value(json_array_get(json_object_get(root, "reasons"), 0));
    json_array_foreach(json_object_get(root, "invariants"), i, one)
    {
        if (strcmp(text_of(one, "answer"), "violated") == 0) {
            snprintf(out->sentence, sizeof out->sentence, "%.60s: %.320s", text_of(one, "name"),
                     text_of(one, "sentence"));
            return;
        }
    }
    snprintf(out->sentence, sizeof out->sentence, "%.390s", reason != NULL ? reason : "");
}

static void take_summary(tier_result *out)
{
    char path[600];
    buffer text = {.limit = SUMMARY_MOST};
    error ignored = {0};
    if (!files_join(path, sizeof path, out->directory, "summary.json", &ignored) ||
        !files_read(path, SUMMARY_MOST, &text, &ignored))
        return;
    json_t *root = json_loadb(buffer_text(&text), text.length, 0, NULL);
    snprintf(out->verdict, sizeof out->verdict, "%.15s", text_of(root, "verdict"));
    take_sentence(root, out);
    json_decref(root);
    buffer_free(&text);
}

static void take_last_line(const char *folder, tier_result *out)
{
    char path[600];
    buffer text = {.limit = SUMMARY_MOST};
    error ignored = {0};
    if (!files_join(path, sizeof path, folder, "output", &ignored) ||
        !files_read(path, SUMMARY_MOST, &text, &ignored))
        return;
    const char *at = buffer_text(&text);
    for (const char *line = at; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        at = line;
    snprintf(out->sentence, sizeof out->sentence, "%.*s", (int)strcspn(at, "\n"), at);
    buffer_free(&text);
}

static void take_lacks(unsigned lacks, tier_result *out)
{
    buffer text = {0};
    for (const capability_row *row = capability_rows; row->name != NULL; row++)
        if (lacks & row->bit)
            buffer_printf(&text, "%s%s", text.length > 0 ? ", " : "the target does not offer ",
                          row->name);
    if (lacks & TIER_DELETES)
        buffer_printf(&text, "%sthe target announces no termination, and this tier deletes",
                      text.length > 0 ? "; " : "");
    snprintf(out->sentence, sizeof out->sentence, "not applicable: %.350s", buffer_text(&text));
    buffer_free(&text);
}

bool tier_run(const tier *t, const char *target, unsigned capabilities, const char *folder,
              tier_result *out, error *e)
{
    char below[512];
    *out = (tier_result){.what = t, .applicable = (t->needs & ~capabilities) == 0};
    if (!out->applicable) {
        take_lacks(t->needs & ~capabilities, out);
        return true;
    }
    if (!files_join(below, sizeof below, folder, t->name, e) || !run_child(t, target, below, e))
        return false;
    find_directory(below, out);
    if (out->directory[0] != '\0')
        take_summary(out);
    if (out->verdict[0] == '\0')
        take_last_line(below, out);
    return true;
}
