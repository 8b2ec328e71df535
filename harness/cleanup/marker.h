/* What a run owns outside of itself, written down where the next run finds it should this one be
 * killed.
 *
 * A marker is a small file of this process, named by its number and start time, in a folder that
 * belongs to this user, this boot and this process namespace: $XDG_RUNTIME_DIR/ordeal, or
 * /tmp/ordeal-UID. Children carry its path in their environment (ORDEAL_MARKER), so that also those
 * are found that left their process group. stale_cleanup ends what markers of dead owners name; it
 * touches nothing else. Functions may be called from any thread, except create and close. */
#ifndef ORDEAL_CLEANUP_MARKER_H
#define ORDEAL_CLEANUP_MARKER_H

#include <stdbool.h>

#include "base/error.h"
#include "cleanup/resources.h"

#define MARKER_VARIABLE "ORDEAL_MARKER"

typedef struct marker marker;

/* Changes the environment: before any thread is started. One marker a process. */
marker *marker_create(error *e);
/* Right after the thing was made: it must exist. A process is its number in decimal. */
bool marker_add(marker *m, resource_kind kind, const char *text, error *e);
/* It is nobody's business any more, though it stays: data that a person wants to keep. What is
 * simply gone need not be told. */
bool marker_remove(marker *m, resource_kind kind, const char *text, error *e);
/* Everything has been given back by its maker. */
void marker_close(marker *m);

/* Ends what killed processes left. `tell` hears one sentence for each thing. False when something
 * could not be ended; its marker stays for the next time. */
bool stale_cleanup(void (*tell)(void *owner, const char *sentence), void *owner, error *e);

/* The folder of all markers, made if need be. */
bool marker_folder(char *out, size_t size, error *e);

#endif
