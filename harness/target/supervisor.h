/* The server under test as a child process: start, wait until ready, stop, kill, restart, capture
 * its output.
 *
 * The supervisor owns the child and its process group; supervisor_stop or _destroy leaves none of
 * them behind, and if the harness itself is killed the kernel kills the child (PR_SET_PDEATHSIG).
 * Every start and exit is told to `observe`, planned or not. Functions may be called from any
 * thread; one at a time acts. */
#ifndef ORDEAL_TARGET_SUPERVISOR_H
#define ORDEAL_TARGET_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "chaos/fault.h"

typedef enum { TARGET_STARTED, TARGET_READY, TARGET_EXITED } target_event;

typedef struct {
    char *const *command;       /* ends in NULL; {data} and {port} are replaced at each start */
    const char *const *prefix;  /* before the command, as it is; ends in NULL; may be NULL */
    char *const *environment;   /* extra NAME=value, ends in NULL; may be NULL */
    const char *data_directory; /* fresh and made by the caller */
    const char *log_path;       /* target.log: standard output and error are appended */
    const char *ready_url;      /* polled until it answers 2xx; {port} is replaced */
    bool ready_by_any_answer;   /* below 500: of a target that is not known to have such a page */
    uint64_t ready_within;      /* nanoseconds */
    uint64_t stop_within;       /* after SIGTERM, before SIGKILL */
    const char *port_line; /* NULL, or a text such as "listening on 127.0.0.1:" before the chosen
                              port in its output */
    /* In the child between fork and exec (async-signal-safe only), and in the parent right after;
     * NULL: nothing. */
    void (*child_prepare)(void *owner);
    bool (*child_launched)(void *owner, pid_t pid, error *e);
    void *launch_owner;
    const char *const *more_environment; /* likewise, behind `environment`; may be NULL */
    void (*observe)(void *owner, target_event event, pid_t pid, int wait_status, bool planned);
    void *observe_owner;
} supervisor_options;

typedef struct supervisor supervisor;

/* Starts and waits ready. ERROR_TARGET with the target's last output lines when it dies or is never
 * ready; ERROR_USAGE when the program is missing. `options` are copied shallowly and must live as
 * long. */
supervisor *supervisor_start(const supervisor_options *options, error *e);
/* SIGTERM, then SIGKILL; false with ERROR_TARGET when it had to be killed or ended with an error.
 */
bool supervisor_stop(supervisor *s, error *e);
void supervisor_destroy(supervisor *s);

/* For a server that somebody else runs: waits until `url` answers, as ready_url and
 * ready_by_any_answer of the options say. ERROR_TARGET when it does not in time. */
bool supervisor_reach(const char *url, bool by_any_answer, uint64_t within, error *e);

pid_t supervisor_pid(supervisor *s);           /* 0 while down */
uint16_t supervisor_port(const supervisor *s); /* as found by port_line; 0: none */
/* What faults may do (chaos/fault.h). Valid as long as s. */
const process_control *supervisor_control(supervisor *s);
/* An unplanned exit was seen and the target is down. */
bool supervisor_died(supervisor *s);
/* The last lines of its output, for messages; `text` needs `size` bytes. */
void supervisor_last_lines(const supervisor *s, char *text, size_t size);

#endif
