#include "store_sql_inside.h"

bool sql_add_upload(statements *st, const upload *what)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ADD_UPLOAD);
    sql_bind_text(s, 1, what->id);
    sql_bind_text(s, 2, what->path);
    sql_bind_text(s, 3, what->metadata);
    sql_bind_number(s, 4, what->length);
    sql_bind_number(s, 5, what->offset);
    sql_bind_number(s, 6, what->expires);
    return sql_execute(s);
}

sql_answer sql_find_upload(statements *st, const char *id, upload *out)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_UPLOAD);
    sql_bind_text(s, 1, id);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        sql_copy_text(out->id, sizeof out->id, s, 0);
        sql_copy_text(out->path, sizeof out->path, s, 1);
        sql_copy_text(out->metadata, sizeof out->metadata, s, 2);
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
    sqlite3_stmt *s = sql_ready(st, SQL_SET_UPLOAD);
    sql_bind_text(s, 1, id);
    sql_bind_number(s, 2, offset);
    sql_bind_number(s, 3, expires);
    bool fine = sql_execute(s);
    *changed = (uint64_t)sqlite3_changes(sqlite3_db_handle(s));
    return fine;
}

bool sql_delete_upload(statements *st, const char *id)
{
    sqlite3_stmt *s = sql_ready(st, SQL_DELETE_UPLOAD);
    sql_bind_text(s, 1, id);
    return sql_execute(s);
}

bool sql_expired_uploads(statements *st, uint64_t now, void (*visit)(void *owner, const char *id),
                         void *owner)
{
    sqlite3_stmt *s = sql_ready(st, SQL_EXPIRED_UPLOADS);
    sql_bind_number(s, 1, now);
    int result;
    while ((result = sqlite3_step(s)) == SQLITE_ROW)
        visit(owner, (const char *)sqlite3_column_text(s, 0));
    sqlite3_reset(s);
    return result == SQLITE_DONE;
}

bool sql_renew_upload(statements *st, const char *id, uint64_t due, uint64_t expires)
{
    sqlite3_stmt *s = sql_ready(st, SQL_RENEW_UPLOAD);
    sql_bind_text(s, 1, id);
    sql_bind_number(s, 2, due);
    sql_bind_number(s, 3, expires);
    return sql_execute(s);
}

bool sql_count_uploads(statements *st, uint64_t now, uint64_t *count)
{
    sqlite3_stmt *s = sql_ready(st, SQL_COUNT_UPLOADS);
    sql_bind_number(s, 1, now);
    return sql_one_number(s, count);
}
