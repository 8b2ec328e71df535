#include "incidents/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "run/interrupt.h"
#include "verdict/verdict.h"

#define SUMMARY_MOST ((size_t)4 << 20)

/* --- the child --- */

_Noreturn static void become_run(const trial *t, int output, pid_t parent)
{
    char seed[32];
    char program[TRIAL_PATH_SIZE + 32];
    snprintf(seed, sizeof seed, "%" PRIu64, t->seed);
    snprintf(program, sizeof program, "target.command.0=%s", t->program);
    const char *arguments[] = {"ordeal",  "run",     t->scenario->scenario,
                               "--quiet", "--seed",  seed,
                               "--runs",  t->folder, "--set",
                               program,   NULL};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", (char **)(uintptr_t)arguments);
    _exit(127);
}

static bool begin(trial *t, error *e)
{
    char output[TRIAL_PATH_SIZE];
    if (!files_make_directories(t->folder, 0755, e) ||
        !files_join(output, sizeof output, t->folder, "output", e))
        return false;
    int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(e, output, "cannot be written");
    pid_t own = getpid();
    fflush(NULL);
    t->pid = fork();
    if (t->pid == 0)
        become_run(t, fd, own);
    close(fd);
    return t->pid > 0 || error_errno(e, "ordeal run", "cannot be started");
}

/* --- what came of it --- */

static void find_directory(trial *t)
{
    DIR *folder = opendir(t->folder);
    error ignored = {0};
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            files_join(t->directory, sizeof t->directory, t->folder, entry->d_name, &ignored);
    if (folder != NULL)
        closedir(folder);
}

static void take_broken(trial *t, const json_t *invariant, double load_begin)
{
    const char *answer = json_string_value(json_object_get(invariant, "answer"));
    const char *name = json_string_value(json_object_get(invariant, "name"));
    const judge *j = name != NULL ? judge_named(name) : NULL;
    if (j == NULL || answer == NULL || strcmp(answer, "violated") != 0 ||
        t->broken_count == TRIAL_BROKEN_MOST)
        return;
    double at = json_number_value(json_object_get(invariant, "first_at_ns"));
    double seconds = at > load_begin ? (at - load_begin) / 1e9 : 0;
    t->broken[t->broken_count++] = (broken_invariant){j, seconds};
}

static bool take_summary(trial *t, const json_t *root)
{
    const char *ended = json_string_value(json_object_get(root, "verdict"));
    const json_t *reasons = json_object_get(root, "reasons");
    const char *reason = json_string_value(json_array_get(reasons, 0));
    double load_begin = json_number_value(json_object_get(root, "load_begin_ns"));
    const json_t *invariants = json_object_get(root, "invariants");
    if (ended == NULL)
        return false;
    for (size_t i = 0; i < json_array_size(reasons) && !t->skipped; i++) {
        const char *one = json_string_value(json_array_get(reasons, i));
        t->skipped = one != NULL && strstr(one, VERDICT_SKIPPED) != NULL;
        reason = t->skipped ? one : reason;
    }
    snprintf(t->verdict, sizeof t->verdict, "%s", ended);
    snprintf(t->trouble, sizeof t->trouble, "%s", reason != NULL ? reason : "");
    for (size_t i = 0; i < json_array_size(invariants); i++)
        take_broken(t, json_array_get(invariants, i), load_begin);
    return true;
}

/* The last line that the run printed says why there is no summary. */
static void take_trouble(trial *t)
{
    char path[TRIAL_PATH_SIZE];
    buffer text = {.limit = SUMMARY_MOST};
    error ignored = {0};
    snprintf(t->verdict, sizeof t->verdict, "none");
    snprintf(t->trouble, sizeof t->trouble, "exit code %d and no summary", t->exit_code);
    if (files_join(path, sizeof path, t->folder, "output", &ignored) &&
        files_read(path, SUMMARY_MOST, &text, &ignored) && text.length > 1) {
        size_t end = text.bytes[text.length - 1] == '\n' ? text.length - 1 : text.length;
        size_t begin = end;
        while (begin > 0 && text.bytes[begin - 1] != '\n')
            begin--;
        snprintf(t->trouble, sizeof t->trouble, "%.*s", (int)(end - begin), text.bytes + begin);
    }
    buffer_free(&text);
}

static void finish(trial *t, int status)
{
    char path[TRIAL_PATH_SIZE];
    buffer text = {0};
    error ignored = {0};
    json_t *root = NULL;
    t->pid = 0;
    t->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    find_directory(t);
    if (t->directory[0] != '\0' &&
        files_join(path, sizeof path, t->directory, "summary.json", &ignored) &&
        files_read(path, SUMMARY_MOST, &text, &ignored))
        root = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL || !take_summary(t, root))
        take_trouble(t);
    json_decref(root);
    buffer_free(&text);
}

/* --- all of them --- */

/* A signal from a terminal reached the runs as well; one from a CI job or a shell script did not.
 */
static void tell_to_stop(const trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (trials[i].pid > 0)
            kill(trials[i].pid, SIGTERM);
}

/* Waits for the next of the runs to end. */
static trial *reap_one(trial *trials, size_t count)
{
    static const struct timespec pause = {.tv_nsec = 20 * NANOSECONDS_PER_MILLISECOND};
    bool told = false;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) == 0 || (pid < 0 && errno == EINTR)) {
        if (interrupt_asked() && !told)
            tell_to_stop(trials, count);
        told = interrupt_asked();
        nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < count && pid > 0; i++)
        if (trials[i].pid == pid) {
            finish(&trials[i], status);
            return &trials[i];
        }
    return NULL;
}

bool trials_run(trial *trials, size_t count, unsigned at_once, trial_ended ended, void *owner,
                error *e)
{
    size_t next = 0;
    size_t running = 0;
    bool fine = true;
    interrupt_listen();
    while (running > 0 || (fine && next < count)) {
        if (fine && interrupt_asked())
            fine = error_set(e, ERROR_INTERRUPT, "", "interrupted");
        if (fine && next < count && running < at_once) {
            fine = begin(&trials[next], e);
            next++;
            running += fine;
            continue;
        }
        if (running > 0) {
            trial *done = reap_one(trials, count);
            running--;
            if (fine && done != NULL && !interrupt_asked()) {
                done->told = true;
                ended(owner, done);
            }
        }
    }
    return fine;
}

const broken_invariant *trial_broke(const trial *t, const judge *invariant)
{
    for (size_t i = 0; i < t->broken_count; i++)
        if (t->broken[i].judge == invariant)
            return &t->broken[i];
    return NULL;
}
