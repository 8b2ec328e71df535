#include "store_sql.h"

#include <stdio.h>
#include <string.h>

/* `files` keeps the highest number of a name for ever, so that none is used twice after a purge. */
const char *const sql_schema =
    "CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, last INTEGER NOT NULL, deleted "
    "INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS versions(path TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT "
    "NOT NULL,"
    " size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY(path, number)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS versions_by_blob ON versions(blob);"
    "CREATE TABLE IF NOT EXISTS changes(number INTEGER PRIMARY KEY, path TEXT NOT NULL, version "
    "INTEGER NOT NULL, deleted INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS epoch(value TEXT NOT NULL);"
    "INSERT INTO epoch SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM epoch);"
    "CREATE TABLE IF NOT EXISTS orphans(blob TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS shares(token TEXT PRIMARY KEY, path TEXT NOT NULL, expires INTEGER "
    "NOT NULL, most INTEGER NOT NULL, used INTEGER NOT NULL, deleted INTEGER NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS uploads(id TEXT PRIMARY KEY, path TEXT NOT NULL, metadata TEXT NOT "
    "NULL, length INTEGER NOT NULL, received INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE INDEX IF NOT EXISTS uploads_by_end ON uploads(expires);"
    "CREATE INDEX IF NOT EXISTS shares_by_end ON shares(expires);"
    "CREATE TABLE IF NOT EXISTS clock(latest INTEGER NOT NULL);"
    "INSERT INTO clock SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);"
    "CREATE TABLE IF NOT EXISTS channels(name TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS accounts(name TEXT PRIMARY KEY, plan TEXT NOT NULL, hash TEXT NOT "
    "NULL, quota INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tokens(digest TEXT PRIMARY KEY, account TEXT NOT NULL, expires "
    "INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS tokens_by_account ON tokens(account, expires);"
    "CREATE INDEX IF NOT EXISTS tokens_by_end ON tokens(expires);";

static const char *const texts[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_BEGIN_JOB] = "SAVEPOINT job",
    [SQL_END_JOB] = "RELEASE job",
    [SQL_ROLLBACK_JOB] = "ROLLBACK TO job",
    [SQL_FIND_CURRENT] = "SELECT f.last, f.deleted, v.size, v.blob, v.etag, v.number FROM files f "
                         "LEFT JOIN versions v"
                         " ON v.path = f.path AND v.number = f.last WHERE f.path = ?1",
    [SQL_FIND_NUMBER] =
        "SELECT number, 0, size, blob, etag, number FROM versions WHERE path = ?1 AND number = ?2",
    [SQL_FIND_BLOB] = "SELECT 1 FROM versions WHERE blob = ?1 LIMIT 1",
    [SQL_INSERT_VERSION] =
        "INSERT INTO versions(path, number, blob, size, etag) VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_SET_CURRENT] = "INSERT INTO files(path, last, deleted) VALUES(?1, ?2, ?3)"
                        " ON CONFLICT(path) DO UPDATE SET last = ?2, deleted = ?3",
    [SQL_ADD_CHANGE] = "INSERT INTO changes(path, version, deleted) VALUES(?1, ?2, ?3)",
    [SQL_NEWEST_CHANGE] = "SELECT max(number) FROM changes",
    [SQL_CHANGES] = "SELECT number, path, version, deleted FROM changes WHERE number > ?1 ORDER "
                    "BY number LIMIT ?2",
    [SQL_TRIM_CHANGES] = "DELETE FROM changes WHERE number <= ?1",
    [SQL_EPOCH] = "SELECT value FROM epoch",
    [SQL_LIST] =
        "SELECT f.last, 0, v.size, v.blob, v.etag, v.number, f.path FROM files f JOIN versions v"
        " ON v.path = f.path AND v.number = f.last WHERE f.deleted = 0 AND f.path > ?2 AND f.path "
        ">= ?1"
        " AND substr(f.path, 1, length(?1)) = ?1 ORDER BY f.path LIMIT ?3",
    [SQL_VERSIONS] = "SELECT number, 0, size, blob, etag, number, path FROM versions WHERE path = "
                     "?1 ORDER BY number DESC",
    [SQL_MARK_ORPHANS] = "INSERT OR IGNORE INTO orphans SELECT DISTINCT v.blob FROM versions v "
                         "JOIN files f ON f.path = v.path"
                         " WHERE f.deleted = 1",
    [SQL_PURGE] = "DELETE FROM versions WHERE path IN (SELECT path FROM files WHERE deleted = 1)",
    [SQL_ORPHANS] = "SELECT blob FROM orphans WHERE blob NOT IN (SELECT blob FROM versions)",
    [SQL_FORGET_ORPHAN] = "DELETE FROM orphans",
    [SQL_ADD_SHARE] = "INSERT INTO shares(token, path, expires, most, used, deleted) VALUES(?1, "
                      "?2, ?3, ?4, 0, 0)",
    [SQL_FIND_SHARE] =
        "SELECT token, path, expires, most, used, deleted FROM shares WHERE token = ?1",
    [SQL_TAKE_SHARE] = "UPDATE shares SET used = used + 1 WHERE token = ?1",
    [SQL_DELETE_SHARE] =
        "UPDATE shares SET deleted = 1, expires = min(expires, ?2) WHERE token = ?1",
    [SQL_ADD_UPLOAD] = "INSERT INTO uploads(id, path, metadata, length, received, expires) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_FIND_UPLOAD] =
        "SELECT id, path, metadata, length, received, expires FROM uploads WHERE id = ?1",
    [SQL_SET_UPLOAD] = "UPDATE uploads SET received = ?2, expires = ?3 WHERE id = ?1",
    [SQL_DELETE_UPLOAD] = "DELETE FROM uploads WHERE id = ?1",
    [SQL_EXPIRED_UPLOADS] = "SELECT id FROM uploads WHERE expires <= ?1",
    [SQL_RENEW_UPLOAD] = "UPDATE uploads SET expires = ?3 WHERE id = ?1 AND expires <= ?2",
    [SQL_COUNT_UPLOADS] = "SELECT count(*) FROM uploads WHERE expires > ?1 AND received < length",
    [SQL_CLOCK] = "SELECT latest FROM clock",
    [SQL_MOVE_CLOCK] = "UPDATE clock SET latest = ?1 WHERE latest < ?1 AND ("
                       "EXISTS (SELECT 1 FROM uploads WHERE expires > latest AND expires <= ?1) OR "
                       "EXISTS (SELECT 1 FROM shares WHERE expires > latest AND expires <= ?1) OR "
                       "EXISTS (SELECT 1 FROM tokens WHERE expires > latest AND expires <= ?1) OR "
                       "latest <= ?1 - ?2 AND ("
                       "EXISTS (SELECT 1 FROM uploads WHERE expires > ?1) OR "
                       "EXISTS (SELECT 1 FROM shares WHERE expires > ?1) OR "
                       "EXISTS (SELECT 1 FROM tokens WHERE expires > ?1)))",
    [SQL_FORGET_UPLOADS] = "DELETE FROM uploads WHERE expires <= ?1",
    [SQL_FORGET_SHARES] = "DELETE FROM shares WHERE expires <= ?1",
    [SQL_FORGET_TOKENS] = "DELETE FROM tokens WHERE expires <= ?1",
    [SQL_ADD_CHANNEL] = "INSERT OR IGNORE INTO channels(name) VALUES(?1)",
    [SQL_FIND_CHANNEL] = "SELECT 1 FROM channels WHERE name = ?1",
    [SQL_ADD_ACCOUNT] =
        "INSERT INTO accounts(name, plan, hash, quota, used) VALUES(?1, ?2, ?3, ?4, 0)",
    [SQL_FIND_ACCOUNT] = "SELECT name, plan, hash, quota, used FROM accounts WHERE name = ?1",
    [SQL_CHARGE] = "UPDATE accounts SET used = used + ?3 - ?2 WHERE name = ?1 AND (?3 <= ?2 OR "
                   "used + ?3 - ?2 <= quota)",
    [SQL_ADD_TOKEN] = "INSERT INTO tokens(digest, account, expires) VALUES(?1, ?2, ?3)",
    [SQL_FIND_TOKEN] = "SELECT a.name, a.plan, a.hash, a.quota, a.used, t.expires FROM tokens t "
                       "JOIN accounts a ON a.name = t.account WHERE t.digest = ?1",
    [SQL_DROP_TOKENS] = "DELETE FROM tokens WHERE account = ?1 AND (expires <= ?2 OR digest IN "
                        "(SELECT digest FROM tokens WHERE account = ?1 ORDER BY expires DESC LIMIT "
                        "-1 OFFSET ?3))",
    [SQL_COUNT] = "SELECT (SELECT count(*) FROM files WHERE deleted = 0),"
                  " (SELECT count(*) FROM files WHERE deleted = 1), count(*), "
                  "coalesce(sum(size), 0),"
                  " (SELECT count(*) FROM shares) FROM versions",
};

bool sql_prepare(sqlite3 *db, statements *st)
{
    for (int i = 0; i < SQL_STATEMENTS; i++)
        if (sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &st->of[i], NULL) !=
            SQLITE_OK)
            return false;
    return true;
}

void sql_finalize(statements *st)
{
    for (int i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(st->of[i]);
}

static sqlite3_stmt *ready(statements *st, int which)
{
    sqlite3_reset(st->of[which]);
    sqlite3_clear_bindings(st->of[which]);
    return st->of[which];
}

static void bind_text(sqlite3_stmt *s, int place, const char *text)
{
    sqlite3_bind_text(s, place, text, -1, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *s, int place, uint64_t number)
{
    sqlite3_bind_int64(s, place, (sqlite3_int64)number);
}

static bool run(sqlite3_stmt *s)
{
    bool fine = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return fine;
}

bool sql_run(statements *st, int which)
{
    return run(ready(st, which));
}

static void copy_text(char *out, size_t size, sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static void take_version(sqlite3_stmt *s, version *out)
{
    out->number = (uint64_t)sqlite3_column_int64(s, 5);
    /* A purged name has its row in files, and no version. */
    out->deleted = sqlite3_column_int(s, 1) != 0 || sqlite3_column_type(s, 5) == SQLITE_NULL;
    out->size = (uint64_t)sqlite3_column_int64(s, 2);
    copy_text(out->blob, sizeof out->blob, s, 3);
    copy_text(out->etag, sizeof out->etag, s, 4);
}

static sql_answer one_row(sqlite3_stmt *s, version *out, uint64_t *last)
{
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW && out != NULL)
        take_version(s, out);
    if (result == SQLITE_ROW && last != NULL)
        *last = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return result == SQLITE_ROW ? SQL_ROW : result == SQLITE_DONE ? SQL_NONE : SQL_FAILED;
}

sql_answer sql_find_current(statements *st, const char *path, version *out, uint64_t *last)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_CURRENT);
    bind_text(s, 1, path);
    return one_row(s, out, last);
}

sql_answer sql_find_number(statements *st, const char *path, uint64_t number, version *out)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_NUMBER);
    bind_text(s, 1, path);
    bind_number(s, 2, number);
    return one_row(s, out, NULL);
}

sql_answer sql_find_blob(statements *st, const char *blob)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_BLOB);
    bind_text(s, 1, blob);
    return one_row(s, NULL, NULL);
}

bool sql_insert_version(statements *st, const char *path, const version *v)
{
    sqlite3_stmt *s = ready(st, SQL_INSERT_VERSION);
    bind_text(s, 1, path);
    bind_number(s, 2, v->number);
    bind_text(s, 3, v->blob);
    bind_number(s, 4, v->size);
    bind_text(s, 5, v->etag);
    return run(s);
}

bool sql_set_current(statements *st, const char *path, uint64_t number, bool deleted)
{
    sqlite3_stmt *s = ready(st, SQL_SET_CURRENT);
    bind_text(s, 1, path);
    bind_number(s, 2, number);
    bind_number(s, 3, deleted);
    sqlite3_stmt *feed = ready(st, SQL_ADD_CHANGE);
    bind_text(feed, 1, path);
    bind_number(feed, 2, number);
    bind_number(feed, 3, deleted);
    return run(s) && run(feed);
}

bool sql_newest_change(statements *st, uint64_t *number)
{
    sqlite3_stmt *s = ready(st, SQL_NEWEST_CHANGE);
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        *number = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return fine;
}

bool sql_changes(statements *st, uint64_t after, size_t most, change_visitor visit, void *owner)
{
    sqlite3_stmt *s = ready(st, SQL_CHANGES);
    int result;
    bind_number(s, 1, after);
    bind_number(s, 2, most);
    while ((result = sqlite3_step(s)) == SQLITE_ROW)
        visit(owner, &(change){.number = (uint64_t)sqlite3_column_int64(s, 0),
                               .path = (const char *)sqlite3_column_text(s, 1),
                               .version = (uint64_t)sqlite3_column_int64(s, 2),
                               .deleted = sqlite3_column_int(s, 3) != 0});
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_trim_changes(statements *st, uint64_t until)
{
    sqlite3_stmt *s = ready(st, SQL_TRIM_CHANGES);
    bind_number(s, 1, until);
    return run(s);
}

bool sql_epoch(statements *st, char epoch[EPOCH_SIZE])
{
    sqlite3_stmt *s = ready(st, SQL_EPOCH);
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        copy_text(epoch, EPOCH_SIZE, s, 0);
    sqlite3_reset(s);
    return fine;
}

static bool visit_rows(sqlite3_stmt *s, version_visitor visit, void *owner)
{
    int result;
    while ((result = sqlite3_step(s)) == SQLITE_ROW) {
        version v;
        take_version(s, &v);
        visit(owner, (const char *)sqlite3_column_text(s, 6), &v);
    }
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_list(statements *st, const char *prefix, const char *after, size_t most,
              version_visitor visit, void *owner)
{
    sqlite3_stmt *s = ready(st, SQL_LIST);
    bind_text(s, 1, prefix);
    bind_text(s, 2, after);
    bind_number(s, 3, most);
    return visit_rows(s, visit, owner);
}

bool sql_versions(statements *st, const char *path, version_visitor visit, void *owner)
{
    sqlite3_stmt *s = ready(st, SQL_VERSIONS);
    bind_text(s, 1, path);
    return visit_rows(s, visit, owner);
}

bool sql_purge(statements *st, uint64_t *count)
{
    if (!run(ready(st, SQL_FORGET_ORPHAN)) || !run(ready(st, SQL_MARK_ORPHANS)))
        return false;
    sqlite3_stmt *s = ready(st, SQL_PURGE);
    if (!run(s))
        return false;
    *count = (uint64_t)sqlite3_changes(sqlite3_db_handle(s));
    return true;
}

bool sql_orphans(statements *st, void (*gone)(void *owner, const char *blob), void *owner)
{
    sqlite3_stmt *s = ready(st, SQL_ORPHANS);
    int result;
    while ((result = sqlite3_step(s)) == SQLITE_ROW)
        gone(owner, (const char *)sqlite3_column_text(s, 0));
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_add_share(statements *st, const share *what)
{
    sqlite3_stmt *s = ready(st, SQL_ADD_SHARE);
    bind_text(s, 1, what->token);
    bind_text(s, 2, what->path);
    bind_number(s, 3, what->expires);
    bind_number(s, 4, what->most);
    return run(s);
}

sql_answer sql_find_share(statements *st, const char *token, share *out)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_SHARE);
    bind_text(s, 1, token);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        copy_text(out->token, sizeof out->token, s, 0);
        copy_text(out->path, sizeof out->path, s, 1);
        out->expires = (uint64_t)sqlite3_column_int64(s, 2);
        out->most = (uint64_t)sqlite3_column_int64(s, 3);
        out->used = (uint64_t)sqlite3_column_int64(s, 4);
        out->deleted = sqlite3_column_int(s, 5) != 0;
    }
    sqlite3_reset(s);
    return result == SQLITE_ROW ? SQL_ROW : result == SQLITE_DONE ? SQL_NONE : SQL_FAILED;
}

bool sql_take_share(statements *st, const char *token)
{
    sqlite3_stmt *s = ready(st, SQL_TAKE_SHARE);
    bind_text(s, 1, token);
    return run(s);
}

bool sql_delete_share(statements *st, const char *token, uint64_t now)
{
    sqlite3_stmt *s = ready(st, SQL_DELETE_SHARE);
    bind_text(s, 1, token);
    bind_number(s, 2, now);
    return run(s);
}

bool sql_add_upload(statements *st, const upload *what)
{
    sqlite3_stmt *s = ready(st, SQL_ADD_UPLOAD);
    bind_text(s, 1, what->id);
    bind_text(s, 2, what->path);
    bind_text(s, 3, what->metadata);
    bind_number(s, 4, what->length);
    bind_number(s, 5, what->offset);
    bind_number(s, 6, what->expires);
    return run(s);
}

sql_answer sql_find_upload(statements *st, const char *id, upload *out)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_UPLOAD);
    bind_text(s, 1, id);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        copy_text(out->id, sizeof out->id, s, 0);
        copy_text(out->path, sizeof out->path, s, 1);
        copy_text(out->metadata, sizeof out->metadata, s, 2);
        out->length = (uint64_t)sqlite3_column_int64(s, 3);
        out->offset = (uint64_t)sqlite3_column_int64(s, 4);
        out->expires = (uint64_t)sqlite3_column_int64(s, 5);
    }
    sqlite3_reset(s);
    return result == SQLITE_ROW ? SQL_ROW : result == SQLITE_DONE ? SQL_NONE : SQL_FAILED;
}

bool sql_set_upload(statements *st, const char *id, uint64_t offset, uint64_t expires,
                    uint64_t *changed)
{
    sqlite3_stmt *s = ready(st, SQL_SET_UPLOAD);
    bind_text(s, 1, id);
    bind_number(s, 2, offset);
    bind_number(s, 3, expires);
    bool fine = run(s);
    *changed = (uint64_t)sqlite3_changes(sqlite3_db_handle(s));
    return fine;
}

bool sql_delete_upload(statements *st, const char *id)
{
    sqlite3_stmt *s = ready(st, SQL_DELETE_UPLOAD);
    bind_text(s, 1, id);
    return run(s);
}

bool sql_expired_uploads(statements *st, uint64_t now, void (*visit)(void *owner, const char *id),
                         void *owner)
{
    sqlite3_stmt *s = ready(st, SQL_EXPIRED_UPLOADS);
    bind_number(s, 1, now);
    int result;
    while ((result = sqlite3_step(s)) == SQLITE_ROW)
        visit(owner, (const char *)sqlite3_column_text(s, 0));
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_renew_upload(statements *st, const char *id, uint64_t due, uint64_t expires)
{
    sqlite3_stmt *s = ready(st, SQL_RENEW_UPLOAD);
    bind_text(s, 1, id);
    bind_number(s, 2, due);
    bind_number(s, 3, expires);
    return run(s);
}

static bool one_number(sqlite3_stmt *s, uint64_t *number)
{
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        *number = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return fine;
}

bool sql_count_uploads(statements *st, uint64_t now, uint64_t *count)
{
    sqlite3_stmt *s = ready(st, SQL_COUNT_UPLOADS);
    bind_number(s, 1, now);
    return one_number(s, count);
}

bool sql_clock(statements *st, uint64_t *latest)
{
    return one_number(ready(st, SQL_CLOCK), latest);
}

bool sql_move_clock(statements *st, uint64_t now, uint64_t stale)
{
    sqlite3_stmt *s = ready(st, SQL_MOVE_CLOCK);
    bind_number(s, 1, now);
    bind_number(s, 2, stale);
    return run(s);
}

bool sql_forget(statements *st, int which, uint64_t before)
{
    sqlite3_stmt *s = ready(st, which);
    bind_number(s, 1, before);
    return run(s);
}

bool sql_add_channel(statements *st, const char *channel)
{
    sqlite3_stmt *s = ready(st, SQL_ADD_CHANNEL);
    bind_text(s, 1, channel);
    return run(s);
}

sql_answer sql_find_channel(statements *st, const char *channel)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_CHANNEL);
    bind_text(s, 1, channel);
    return one_row(s, NULL, NULL);
}

bool sql_add_account(statements *st, const account *what)
{
    sqlite3_stmt *s = ready(st, SQL_ADD_ACCOUNT);
    bind_text(s, 1, what->name);
    bind_text(s, 2, what->plan);
    bind_text(s, 3, what->hash);
    bind_number(s, 4, what->quota);
    return run(s);
}

static sql_answer one_account(sqlite3_stmt *s, account *out, uint64_t *expires)
{
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        copy_text(out->name, sizeof out->name, s, 0);
        copy_text(out->plan, sizeof out->plan, s, 1);
        copy_text(out->hash, sizeof out->hash, s, 2);
        out->quota = (uint64_t)sqlite3_column_int64(s, 3);
        out->used = (uint64_t)sqlite3_column_int64(s, 4);
        if (expires != NULL)
            *expires = (uint64_t)sqlite3_column_int64(s, 5);
    }
    sqlite3_reset(s);
    return result == SQLITE_ROW ? SQL_ROW : result == SQLITE_DONE ? SQL_NONE : SQL_FAILED;
}

sql_answer sql_find_account(statements *st, const char *name, account *out)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_ACCOUNT);
    bind_text(s, 1, name);
    return one_account(s, out, NULL);
}

bool sql_charge(statements *st, const char *name, uint64_t before, uint64_t after, bool *fits)
{
    sqlite3_stmt *s = ready(st, SQL_CHARGE);
    bind_text(s, 1, name);
    bind_number(s, 2, before);
    bind_number(s, 3, after);
    bool fine = run(s);
    *fits = sqlite3_changes(sqlite3_db_handle(s)) == 1;
    return fine;
}

bool sql_add_token(statements *st, const char *digest, const char *name, uint64_t expires)
{
    sqlite3_stmt *s = ready(st, SQL_ADD_TOKEN);
    bind_text(s, 1, digest);
    bind_text(s, 2, name);
    bind_number(s, 3, expires);
    return run(s);
}

sql_answer sql_find_token(statements *st, const char *digest, account *out, uint64_t *expires)
{
    sqlite3_stmt *s = ready(st, SQL_FIND_TOKEN);
    bind_text(s, 1, digest);
    return one_account(s, out, expires);
}

bool sql_drop_tokens(statements *st, const char *name, uint64_t now, uint64_t most)
{
    sqlite3_stmt *s = ready(st, SQL_DROP_TOKENS);
    bind_text(s, 1, name);
    bind_number(s, 2, now);
    bind_number(s, 3, most);
    return run(s);
}

bool sql_count(statements *st, store_counts *out)
{
    sqlite3_stmt *s = ready(st, SQL_COUNT);
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        *out = (store_counts){.files = (uint64_t)sqlite3_column_int64(s, 0),
                              .deleted = (uint64_t)sqlite3_column_int64(s, 1),
                              .versions = (uint64_t)sqlite3_column_int64(s, 2),
                              .bytes = (uint64_t)sqlite3_column_int64(s, 3),
                              .shares = (uint64_t)sqlite3_column_int64(s, 4)};
    sqlite3_reset(s);
    return fine;
}
