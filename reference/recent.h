/* Present versions of names that were asked for lately, so that reading them again costs no
 * question to the store.
 *
 * Never stale: what is kept is right as long as nobody has written since. The store's writer marks
 * each batch (and each time that it opens the store again) from before its commit to behind it;
 * while it works, and for what was read before that, nothing is known here. Memory is fixed. Safe
 * from any thread. */
#ifndef REFERENCE_RECENT_H
#define REFERENCE_RECENT_H

#include "store.h"

typedef struct recent recent;

recent *recent_open(void);
void recent_close(recent *r);

/* The writer alone. */
void recent_write_begins(recent *r);
void recent_write_ends(recent *r);

/* Taken before the store is asked, and given with what it said. */
uint64_t recent_moment(recent *r);
void recent_note(recent *r, uint64_t moment, const char *path, const version *v);
bool recent_find(recent *r, const char *path, version *out);

#endif
