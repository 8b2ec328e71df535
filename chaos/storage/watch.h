/* Storage faults without /dev/fuse: the target's system calls are watched (seccomp user
 * notification) and refused, delayed or made its last. Any binary, no root.
 *
 * A watch owns a door (a socket with an abstract name) and threads. A process that enters through
 * watch_enter, and all that it becomes and starts, asks the watch about every call in
 * watch_calls.c; nothing else can be done to a call than to refuse or delay it. What goes through
 * io_uring (refused as unknown) or stores into a mapped file is not seen. */
#ifndef ORDEAL_CHAOS_STORAGE_WATCH_H
#define ORDEAL_CHAOS_STORAGE_WATCH_H

#include <stdbool.h>

#include "base/error.h"
#include "chaos/storage/rules.h"

typedef struct call_watch call_watch;

/* ERROR_UNABLE says what is missing. */
bool watch_possible(error *e);
/* `control` must outlive the watch; `directory` exists. */
call_watch *watch_start(storage_control *control, const char *directory, error *e);
/* Once everybody who entered has ended. */
void watch_stop(call_watch *w);
/* What goes before a command; ends in NULL. */
const char *const *watch_prefix(const call_watch *w);
/* The calling process is watched from now on, for ever. `door` is as in the prefix. System calls
 * only, so that it may be called after fork. False with errno. */
bool watch_enter(const char *door);
const char *watch_door(const call_watch *w);

#endif
