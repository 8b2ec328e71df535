#include "store_sql.h"

#include <stdio.h>

#include "store_sql_inside.h"

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

sqlite3_stmt *sql_ready(statements *st, int which)
{
    sqlite3_reset(st->of[which]);
    sqlite3_clear_bindings(st->of[which]);
    return st->of[which];
}

void sql_bind_text(sqlite3_stmt *s, int place, const char *text)
{
    sqlite3_bind_text(s, place, text, -1, SQLITE_STATIC);
}

void sql_bind_number(sqlite3_stmt *s, int place, uint64_t number)
{
    sqlite3_bind_int64(s, place, (sqlite3_int64)number);
}

bool sql_execute(sqlite3_stmt *s)
{
    bool fine = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return fine;
}

bool sql_run(statements *st, int which)
{
    return sql_execute(sql_ready(st, which));
}

void sql_copy_text(char *out, size_t size, sqlite3_stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s, column);
    snprintf(out, size, "%s", text != NULL ? text : "");
}

bool sql_one_number(sqlite3_stmt *s, uint64_t *number)
{
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        *number = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return fine;
}
