/* The store's SQL, one prepared statement each; used by the files of the store alone. A connection
 * owns its statements, which are one thread's at a time as it is. */
#ifndef REFERENCE_STORE_SQL_H
#define REFERENCE_STORE_SQL_H

#include <sqlite3.h>

#include "store.h"

typedef enum { SQL_ROW, SQL_NONE, SQL_FAILED } sql_answer;

enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_BEGIN_JOB,
    SQL_END_JOB,
    SQL_ROLLBACK_JOB,
    SQL_FIND_CURRENT,
    SQL_FIND_NUMBER,
    SQL_FIND_BLOB,
    SQL_INSERT_VERSION,
    SQL_SET_CURRENT,
    SQL_ADD_CHANGE,
    SQL_NEWEST_CHANGE,
    SQL_CHANGES,
    SQL_TRIM_CHANGES,
    SQL_EPOCH,
    SQL_LIST,
    SQL_VERSIONS,
    SQL_MARK_ORPHANS,
    SQL_PURGE,
    SQL_ORPHANS,
    SQL_FORGET_ORPHAN,
    SQL_ADD_SHARE,
    SQL_FIND_SHARE,
    SQL_TAKE_SHARE,
    SQL_DELETE_SHARE,
    SQL_ADD_UPLOAD,
    SQL_FIND_UPLOAD,
    SQL_SET_UPLOAD,
    SQL_DELETE_UPLOAD,
    SQL_EXPIRED_UPLOADS,
    SQL_RENEW_UPLOAD,
    SQL_COUNT_UPLOADS,
    SQL_CLOCK,
    SQL_MOVE_CLOCK,
    SQL_FORGET_UPLOADS,
    SQL_FORGET_SHARES,
    SQL_FORGET_TOKENS,
    SQL_ADD_CHANNEL,
    SQL_FIND_CHANNEL,
    SQL_ADD_ACCOUNT,
    SQL_FIND_ACCOUNT,
    SQL_CHARGE,
    SQL_ADD_TOKEN,
    SQL_FIND_TOKEN,
    SQL_DROP_TOKENS,
    SQL_COUNT,
    SQL_STATEMENTS,
};

typedef struct {
    sqlite3_stmt *of[SQL_STATEMENTS];
} statements;

extern const char *const sql_schema;
bool sql_prepare(sqlite3 *db, statements *st);
void sql_finalize(statements *st);
/* One of the first six, which need nothing. */
bool sql_run(statements *st, int which);

/* `last`: the highest number that the name ever had. */
sql_answer sql_find_current(statements *st, const char *path, version *out, uint64_t *last);
sql_answer sql_find_number(statements *st, const char *path, uint64_t number, version *out);
sql_answer sql_find_blob(statements *st, const char *blob);
bool sql_insert_version(statements *st, const char *path, const version *v);
/* Also adds the change to the feed: nothing else changes what a name stands for. */
bool sql_set_current(statements *st, const char *path, uint64_t number, bool deleted);
bool sql_newest_change(statements *st, uint64_t *number);
bool sql_changes(statements *st, uint64_t after, size_t most, change_visitor visit, void *owner);
bool sql_trim_changes(statements *st, uint64_t until);
bool sql_epoch(statements *st, char epoch[EPOCH_SIZE]);
bool sql_list(statements *st, const char *prefix, const char *after, size_t most,
              version_visitor visit, void *owner);
bool sql_versions(statements *st, const char *path, version_visitor visit, void *owner);
bool sql_purge(statements *st, uint64_t *count);
bool sql_orphans(statements *st, void (*gone)(void *owner, const char *blob), void *owner);
bool sql_add_share(statements *st, const share *what);
sql_answer sql_find_share(statements *st, const char *token, share *out);
bool sql_take_share(statements *st, const char *token);
bool sql_delete_share(statements *st, const char *token, uint64_t now);
bool sql_add_upload(statements *st, const upload *what);
sql_answer sql_find_upload(statements *st, const char *id, upload *out);
bool sql_set_upload(statements *st, const char *id, uint64_t offset, uint64_t expires,
                    uint64_t *changed);
bool sql_delete_upload(statements *st, const char *id);
bool sql_expired_uploads(statements *st, uint64_t now, void (*visit)(void *owner, const char *id),
                         void *owner);
bool sql_renew_upload(statements *st, const char *id, uint64_t due, uint64_t expires);
bool sql_count_uploads(statements *st, uint64_t now, uint64_t *count);
bool sql_clock(statements *st, uint64_t *latest);
/* If the time of anything ended between the clock's time and `now`, or something lives and the
 * clock's time is `stale` nanoseconds old. */
bool sql_move_clock(statements *st, uint64_t now, uint64_t stale);
/* `which` forgets what ended before. */
bool sql_forget(statements *st, int which, uint64_t before);
bool sql_add_channel(statements *st, const char *channel);
sql_answer sql_find_channel(statements *st, const char *channel);
bool sql_add_account(statements *st, const account *what);
sql_answer sql_find_account(statements *st, const char *name, account *out);
/* `fits` is false when nothing was charged. */
bool sql_charge(statements *st, const char *name, uint64_t before, uint64_t after, bool *fits);
bool sql_add_token(statements *st, const char *digest, const char *name, uint64_t expires);
sql_answer sql_find_token(statements *st, const char *digest, account *out, uint64_t *expires);
/* Leaves at most `most` tokens of the account, the newest that are not over at `now`. */
bool sql_drop_tokens(statements *st, const char *name, uint64_t now, uint64_t most);
bool sql_count(statements *st, store_counts *out);

#endif
