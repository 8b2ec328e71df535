/* The system calls that touch storage, and what one that a watched process makes is about. */
#ifndef ORDEAL_CHAOS_STORAGE_WATCH_CALLS_H
#define ORDEAL_CHAOS_STORAGE_WATCH_CALLS_H

#include <limits.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>

#include "chaos/storage/operations.h"

/* Arguments are given by index; -1: there is none. Without a path the descriptor is meant. */
typedef struct {
    int number;
    storage_operation operation; /* unless the arguments say better */
    signed char descriptor;      /* with a path: of the directory that it begins at */
    signed char path;
    signed char other_descriptor; /* of the second path */
    signed char other_path;
} watched_call;

extern const watched_call watched_calls[];
extern const size_t watched_call_count;

typedef struct {
    storage_operation operation;
    bool by_name; /* so that names are looked up first */
    bool two;
    char paths[2][PATH_MAX]; /* "/a/b" below the watched directory */
} call_subject;

/* False when it is not about anything below `root`, a resolved path. */
bool watch_describe(const struct seccomp_notif *asked, const char *root, call_subject *out);

#endif
