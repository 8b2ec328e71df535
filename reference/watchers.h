/* Clients that wait for changes: each is a connection that libmicrohttpd has put to sleep, not a
 * thread.
 *
 * One thread wakes them: when a change with a higher number is told, when their time is over, when
 * the client goes away (libmicrohttpd does not look at a sleeping connection), when the server
 * stops. A woken connection runs its request again on its own libmicrohttpd thread. Memory: one
 * small entry a watcher, bounded by `most`. */
#ifndef REFERENCE_WATCHERS_H
#define REFERENCE_WATCHERS_H

#include <microhttpd.h>
#include <stdint.h>

#include "base/error.h"
#include "deadline.h"

typedef struct watchers watchers;
typedef struct watcher watcher;

typedef enum {
    WATCH_SLEEPS, /* the connection sleeps; come again when it is run again */
    WATCH_NEWS,   /* there is more than `seen` */
    WATCH_TIME,   /* `until` has come */
    WATCH_OVER,   /* the client has gone, or the server stops */
} watch_answer;

/* `newest`: the highest number of a change so far. NULL with `e` when the system refuses. */
watchers *watchers_open(uint64_t most, uint64_t newest, error *e);
/* No watcher may be left. */
void watchers_close(watchers *w);
/* From any thread: a change with this number is durable. */
void watchers_tell(void *owner, uint64_t newest);
uint64_t watchers_newest(watchers *w);
uint64_t watchers_count(watchers *w);
/* From now on nobody sleeps; all are woken and told that it is over. */
void watchers_dismiss(watchers *w);

/* NULL: there are too many. `entry` is the connection's entry in deadline.h. */
watcher *watchers_join(watchers *w, struct MHD_Connection *connection, watched *entry);
/* Not while it sleeps. */
void watchers_leave(watchers *w, watcher *who);
/* Only where libmicrohttpd allows to suspend: in a handler or a content reader. */
watch_answer watchers_wait(watchers *w, watcher *who, uint64_t seen, uint64_t until);

#endif
