/* Upload sessions (tus 1.0.0): what a session has received lies in data/uploads/ID, how much of it
 * counts is in the store.
 *
 * Only bytes that were synced are counted, so an offset never lies, also after a kill: what lies
 * beyond it is cut off when the session is taken up again. A session is taken by one request at a
 * time. A thread removes what has expired; `uploads` owns that thread. A session in memory is only
 * one that a request works on. */
#ifndef REFERENCE_UPLOADS_H
#define REFERENCE_UPLOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "blob.h"
#include "store.h"

typedef struct uploads uploads;

/* `life`: nanoseconds that a session lives after its last progress. `wall_offset`: see request.h */
uploads *uploads_open(const char *data, store *s, uint64_t life, uint64_t wall_offset, error *e);
void uploads_close(uploads *u);

uint64_t uploads_now(const uploads *u); /* wall time that no jump of the clock moves */
uint64_t uploads_life(const uploads *u);
uint64_t uploads_count(uploads *u);            /* sessions that were open when it last looked */
bool uploads_take(uploads *u, const char *id); /* false: another request has it */
void uploads_give(uploads *u, const char *id);
/* The file of a session that has `offset` bytes, cut and placed there; -1 with errno. */
int uploads_file(const uploads *u, const char *id, uint64_t offset);
bool uploads_sync(const uploads *u, int fd); /* false leaves errno */
/* Makes the file of the session the blob of that name as well. */
bool uploads_publish(const uploads *u, blob_store *b, const char *id);
void uploads_drop(const uploads *u, const char *id);
/* Removes what has expired now; the thread does so every second. */
void uploads_sweep(uploads *u);

#endif
