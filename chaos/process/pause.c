/* pause: SIGSTOP for the fault's length, then SIGCONT: the process lives, its sockets are open,
 * nothing answers. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "chaos/fault.h"

static bool probe_pause(fault *f, const fault_site *site, error *e)
{
    (void)f;
    if (site->process == NULL)
        return error_set(
            e, ERROR_UNABLE, "fault pause",
            "the target was not started by ordeal; give its command in the target file");
    return true;
}

static bool signal_target(const fault_site *site, int number, error *e)
{
    pid_t pid = site->process->pid(site->process->owner);
    if (pid <= 0)
        return error_set(e, ERROR_TARGET, "fault pause", "the target is down");
    if (kill(pid, number) != 0)
        return error_errno(e, "fault pause", "cannot send signal %d to process %d", number,
                           (int)pid);
    return true;
}

static bool begin_pause(fault *f, const fault_site *site, error *e)
{
    (void)f;
    return signal_target(site, SIGSTOP, e);
}

static bool end_pause(fault *f, const fault_site *site, error *e)
{
    (void)f;
    return signal_target(site, SIGCONT, e);
}

/* The kernel's own word: state T while stopped, t when it is also followed (as the clock does). */
static uint64_t pause_hits(const fault *f, const fault_site *site)
{
    (void)f;
    char path[64];
    char text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)site->process->pid(site->process->owner));
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *state = strrchr(text, ')');
    return state != NULL && (strncmp(state, ") T", 3) == 0 || strncmp(state, ") t", 3) == 0);
}

const fault_kind fault_pause = {
    .name = "pause",
    .family = "process",
    .description = "SIGSTOP the target for the fault's length, then let it go on",
    .needs = FAULT_NEEDS_PROCESS,
    .probe = probe_pause,
    .begin = begin_pause,
    .end = end_pause,
    .hits = pause_hits,
};
