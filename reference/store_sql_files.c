#include "store_sql_inside.h"

static void take_version(sqlite3_stmt *s, version *out)
{
    out->number = (uint64_t)sqlite3_column_int64(s, 5);
    /* A purged name has its row in files, and no version. */
    out->deleted = sqlite3_column_int(s, 1) != 0 || sqlite3_column_type(s, 5) == SQLITE_NULL;
    out->size = (uint64_t)sqlite3_column_int64(s, 2);
    sql_copy_text(out->blob, sizeof out->blob, s, 3);
    sql_copy_text(out->etag, sizeof out->etag, s, 4);
}

sql_answer sql_one_row(sqlite3_stmt *s, version *out, uint64_t *last)
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
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_CURRENT);
    sql_bind_text(s, 1, path);
    return sql_one_row(s, out, last);
}

sql_answer sql_find_number(statements *st, const char *path, uint64_t number, version *out)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_NUMBER);
    sql_bind_text(s, 1, path);
    sql_bind_number(s, 2, number);
    return sql_one_row(s, out, NULL);
}

sql_answer sql_find_blob(statements *st, const char *blob)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_BLOB);
    sql_bind_text(s, 1, blob);
    return sql_one_row(s, NULL, NULL);
}

bool sql_insert_version(statements *st, const char *path, const version *v)
{
    sqlite3_stmt *s = sql_ready(st, SQL_INSERT_VERSION);
    sql_bind_text(s, 1, path);
    sql_bind_number(s, 2, v->number);
    sql_bind_text(s, 3, v->blob);
    sql_bind_number(s, 4, v->size);
    sql_bind_text(s, 5, v->etag);
    return sql_execute(s);
}

bool sql_set_current(statements *st, const char *path, uint64_t number, bool deleted)
{
    sqlite3_stmt *s = sql_ready(st, SQL_SET_CURRENT);
    sql_bind_text(s, 1, path);
    sql_bind_number(s, 2, number);
    sql_bind_number(s, 3, deleted);
    sqlite3_stmt *feed = sql_ready(st, SQL_ADD_CHANGE);
    sql_bind_text(feed, 1, path);
    sql_bind_number(feed, 2, number);
    sql_bind_number(feed, 3, deleted);
    return sql_execute(s) && sql_execute(feed);
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
    sqlite3_stmt *s = sql_ready(st, SQL_LIST);
    sql_bind_text(s, 1, prefix);
    sql_bind_text(s, 2, after);
    sql_bind_number(s, 3, most);
    return visit_rows(s, visit, owner);
}

bool sql_versions(statements *st, const char *path, version_visitor visit, void *owner)
{
    sqlite3_stmt *s = sql_ready(st, SQL_VERSIONS);
    sql_bind_text(s, 1, path);
    return visit_rows(s, visit, owner);
}

bool sql_purge(statements *st, uint64_t *count)
{
    if (!sql_execute(sql_ready(st, SQL_FORGET_ORPHAN)) ||
        !sql_execute(sql_ready(st, SQL_MARK_ORPHANS)))
        return false;
    sqlite3_stmt *s = sql_ready(st, SQL_PURGE);
    if (!sql_execute(s))
        return false;
    *count = (uint64_t)sqlite3_changes(sqlite3_db_handle(s));
    return true;
}

bool sql_orphans(statements *st, void (*gone)(void *owner, const char *blob), void *owner)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ORPHANS);
    int result;
    while ((result = sqlite3_step(s)) == SQLITE_ROW)
        gone(owner, (const char *)sqlite3_column_text(s, 0));
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_count(statements *st, store_counts *out)
{
    sqlite3_stmt *s = sql_ready(st, SQL_COUNT);
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
