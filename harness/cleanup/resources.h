/* The kinds of things that outlive a killed process: how to recognise one again, and how to end it.
 *
 * An identity says that a thing of that name is the same thing as before: the start time of a
 * process, the device of a mount, device and inode of a directory. What was made anew under an old
 * name by somebody else has another identity and is left alone. */
#ifndef ORDEAL_CLEANUP_RESOURCES_H
#define ORDEAL_CLEANUP_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define IDENTITY_SIZE 48

/* In the order in which they are given back: a process may hold a mount, a mount a directory. */
typedef enum {
    RESOURCE_PROCESS, /* its number */
    RESOURCE_MOUNT,   /* its mount point */
    RESOURCE_CGROUP,  /* its directory */
    RESOURCE_FILE,
    RESOURCE_DIRECTORY,
    RESOURCE_KINDS,
} resource_kind;

const char *resource_kind_name(resource_kind kind);
/* RESOURCE_KINDS when there is none of that name. */
resource_kind resource_kind_named(const char *name);
/* False when there is no such thing now. */
bool resource_identity(resource_kind kind, const char *text, char out[IDENTITY_SIZE]);
/* Ends the thing and sees it gone. */
bool resource_release(resource_kind kind, const char *text, error *e);

/* Start time of a process that runs, as in /proc/PID/stat; false for none and for zombies. */
bool process_started(pid_t pid, unsigned long long *start);
/* SIGKILL to the process of that start time and to no later one of the same number. */
bool process_kill(pid_t pid, unsigned long long start, error *e);

#endif
