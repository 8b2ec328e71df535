#include "store_sql_inside.h"

bool sql_add_share(statements *st, const share *what)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ADD_SHARE);
    sql_bind_text(s, 1, what->token);
    sql_bind_text(s, 2, what->path);
    sql_bind_number(s, 3, what->expires);
    sql_bind_number(s, 4, what->most);
    return sql_execute(s);
}

sql_answer sql_find_share(statements *st, const char *token, share *out)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_SHARE);
    sql_bind_text(s, 1, token);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        sql_copy_text(out->token, sizeof out->token, s, 0);
        sql_copy_text(out->path, sizeof out->path, s, 1);
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
    sqlite3_stmt *s = sql_ready(st, SQL_TAKE_SHARE);
    sql_bind_text(s, 1, token);
    return sql_execute(s);
}

bool sql_delete_share(statements *st, const char *token, uint64_t now)
{
    sqlite3_stmt *s = sql_ready(st, SQL_DELETE_SHARE);
    sql_bind_text(s, 1, token);
    sql_bind_number(s, 2, now);
    return sql_execute(s);
}
