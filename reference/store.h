/* Metadata in SQLite (WAL, synchronous=FULL): which blob is which version of which name.
 *
 * Readers take a connection from a small pool and wait for one a bounded time. All writing is done
 * by one thread that takes waiting jobs in batches, one transaction each (group commit): a job is
 * answered only after the commit that holds it. A job that fails rolls back alone. Version numbers
 * of a name strictly increase and are never used twice, also after delete and purge. */
#ifndef REFERENCE_STORE_H
#define REFERENCE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/timing.h"
#include "blob.h"

#define ETAG_SIZE    64
#define PATH_LONGEST ((size_t)1024)
/* With accounts, a path in the store is "ACCOUNT\x1f" and the name. No name has that character. */
#define SCOPE_END        '\x1f'
#define ACCOUNT_SIZE     65
#define STORED_PATH_SIZE (ACCOUNT_SIZE + PATH_LONGEST + 1)
#define SHARE_TOKEN_SIZE 33
/* Nobody waits longer for a turn, a connection or a channel; then it is STORE_BUSY, and nothing was
 * done. */
#define LOCK_WAIT_MOST (2 * NANOSECONDS_PER_SECOND)

typedef struct store store;

typedef struct {
    uint64_t number;
    uint64_t size;
    char blob[BLOB_NAME_SIZE];
    char etag[ETAG_SIZE]; /* with its quotes */
    bool deleted;
} version;

typedef enum {
    STORE_DONE,
    STORE_ABSENT,
    STORE_REFUSED,
    STORE_OVER_QUOTA,
    STORE_BUSY,
    STORE_FAILED,
    STORE_FULL
} store_answer;

/* What must be true of the present version for a write to go on; NULL texts ask nothing. */
typedef struct {
    const char *if_match;      /* header value: a list of ETags or "*" */
    const char *if_none_match; /* likewise */
} condition;

/* Keeps at least the newest `changes_kept` changes for watchers. A question to the store that takes
 * longer than `query_most` nanoseconds is given up: STORE_BUSY. */
store *store_open(const char *data, unsigned readers, uint64_t changes_kept, uint64_t query_most,
                  error *e);
void store_close(store *s);

/* The present version of a name, or version `number` if that is not 0. A deleted name is absent,
 * but not its numbers. */
store_answer store_find(store *s, const char *path, uint64_t number, version *out);
/* Makes version n + 1; fills out->number and out->etag. */
store_answer store_put(store *s, const char *path, const char *blob, uint64_t size,
                       const condition *c, version *out);
store_answer store_delete(store *s, const char *path, const condition *c, version *out);
/* Makes a new version with the content of `number`. */
store_answer store_restore(store *s, const char *path, uint64_t number, version *out);

/* One move: the content of `from` becomes a new version of `to`, and `from` is deleted. */
typedef struct {
    const char *from;
    const char *to;
    store_answer answer; /* STORE_ABSENT: no `from`; STORE_REFUSED: `to` is taken */
    version made;
} move;
/* Carries them out in order, in one transaction. `atomic`: all or none, and `*stopped` is the index
 * of the first that could not be done. Else each for itself, and the answer is STORE_DONE. */
store_answer store_move(store *s, move *moves, size_t count, bool atomic, size_t *stopped);

typedef void (*version_visitor)(void *owner, const char *path, const version *v);
/* Names that begin with `prefix` and come after `after`, in order, at most `most`. */
store_answer store_list(store *s, const char *prefix, const char *after, size_t most,
                        version_visitor visit, void *owner);

/* One change of what a name stands for. Numbers are given in the order of the commits, without a
 * gap. */
typedef struct {
    uint64_t number;
    const char *path;
    uint64_t version; /* the one that was made, or the last one of a deleted name */
    bool deleted;
} change;
typedef void (*change_visitor)(void *owner, const change *what);
#define EPOCH_SIZE 17 /* names this store: no other has it */
/* Before anybody writes: `told` gets the number of the newest change after each commit that has
 * one, before the writer is answered. */
void store_tell(store *s, void (*told)(void *owner, uint64_t newest), void *owner);
uint64_t store_newest_change(const store *s); /* as it was when the store was opened */
const char *store_epoch(const store *s);
/* At most `most` changes after number `after`. STORE_ABSENT: the next one is no longer known, or
 * `after` never was; some may have been visited all the same. */
store_answer store_changes(store *s, uint64_t after, size_t most, change_visitor visit,
                           void *owner);

typedef struct {
    char token[SHARE_TOKEN_SIZE];
    char path[STORED_PATH_SIZE];
    uint64_t expires; /* wall time in nanoseconds */
    uint64_t most;
    uint64_t used;
    bool deleted;
} share;
typedef enum { SHARE_LIVE, SHARE_EXPIRED, SHARE_EXHAUSTED, SHARE_DELETED } share_life;
share_life share_state(const share *s, uint64_t now);

store_answer store_share_add(store *s, const share *what, uint64_t now);
store_answer store_share_find(store *s, const char *token, share *out);
/* Uses up one download; STORE_REFUSED: it is not live, and `out` tells why. */
store_answer store_share_take(store *s, const char *token, uint64_t now, share *out);
store_answer store_share_delete(store *s, const char *token, uint64_t now);

#define UPLOAD_METADATA_SIZE ((size_t)4096)
/* One upload session. It is done when offset is length. */
typedef struct {
    char id[BLOB_NAME_SIZE];
    char path[STORED_PATH_SIZE];
    char metadata[UPLOAD_METADATA_SIZE]; /* as the client sent it */
    uint64_t length;
    uint64_t offset;
    uint64_t expires; /* wall time in nanoseconds */
} upload;
store_answer store_upload_add(store *s, const upload *what, uint64_t now);
store_answer store_upload_find(store *s, const char *id, upload *out);
/* Sets offset and expires. */
store_answer store_upload_advance(store *s, const upload *what, uint64_t now);
/* The same, and blob `id` becomes a new version of the path, in one transaction. */
store_answer store_upload_finish(store *s, const upload *what, uint64_t now, version *made);
store_answer store_upload_delete(store *s, const char *id);
store_answer store_upload_expired(store *s, uint64_t now,
                                  void (*visit)(void *owner, const char *id), void *owner);
/* Those that are neither done nor over. */
store_answer store_count_uploads(store *s, uint64_t now, uint64_t *count);
/* If it ends before `due`. */
store_answer store_upload_renew(store *s, const char *id, uint64_t now, uint64_t due,
                                uint64_t expires);

/* The time of this store, from which it never goes back: what has once ended stays so, also when
 * the wall clock is set back while the server is down. */
uint64_t store_clock(const store *s); /* as it was when the store was opened */
/* Moves that time on when something has ended, or lives while it is `stale` nanoseconds old, and
 * forgets what ended long ago: until then it is answered with 410 instead of 404. */
store_answer store_expire(store *s, uint64_t now, uint64_t stale);
/* A crash, and a wall clock that was set back, lengthen what lives by no more than this. */
#define STORE_TIME_KEPT_EVERY (60 * NANOSECONDS_PER_SECOND)

/* Channels that have a document, so that one that vanished is not taken for one that never was. */
store_answer store_channel_add(store *s, const char *channel);
store_answer store_channel_find(store *s, const char *channel);

#define TOKEN_DIGEST_SIZE  65
#define PLAN_NAME_SIZE     32
#define PASSWORD_HASH_SIZE 128
typedef struct {
    char name[ACCOUNT_SIZE];
    char plan[PLAN_NAME_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    uint64_t quota;
    uint64_t used; /* bytes of the present versions of its names */
} account;
/* STORE_REFUSED: the name is taken. */
store_answer store_account_add(store *s, const account *what);
store_answer store_account_find(store *s, const char *name, account *out);
/* Forgets tokens that are over at `now`, and the oldest of too many. */
store_answer store_token_add(store *s, const char *digest, const char *name, uint64_t now,
                             uint64_t expires);
store_answer store_token_find(store *s, const char *digest, account *out, uint64_t *expires);

typedef struct {
    uint64_t files;
    uint64_t deleted;
    uint64_t versions;
    uint64_t bytes;
    uint64_t shares;
} store_counts;
store_answer store_count(store *s, store_counts *out);

/* Newest first. */
store_answer store_versions(store *s, const char *path, version_visitor visit, void *owner);
/* Removes all versions of deleted names; `gone` is told each blob that nobody names any more, after
 * the commit. */
store_answer store_purge(store *s, void (*gone)(void *owner, const char *blob), void *owner,
                         uint64_t *purged);
bool store_knows_blob(void *s, const char *blob);

typedef struct {
    uint64_t readers;
    uint64_t readers_in_use;
    uint64_t waits_timed_out;
    uint64_t queries_timed_out;
    uint64_t jobs_waiting;
    uint64_t commits;
    uint64_t jobs;
    uint64_t failures;
} store_figures;
store_figures store_look(store *s);

/* Does a list of ETags (or "*") name `etag`? Weak ones never match... */
bool etag_listed(const char *list, const char *etag);
/* ... but here they do, as RFC 9110 asks for If-None-Match. */
bool etag_listed_weakly(const char *list, const char *etag);

#endif
