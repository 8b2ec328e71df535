#include "store_sql_inside.h"

bool sql_add_account(statements *st, const account *what)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ADD_ACCOUNT);
    sql_bind_text(s, 1, what->name);
    sql_bind_text(s, 2, what->plan);
    sql_bind_text(s, 3, what->hash);
    sql_bind_number(s, 4, what->quota);
    return sql_execute(s);
}

static sql_answer one_account(sqlite3_stmt *s, account *out, uint64_t *expires)
{
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        sql_copy_text(out->name, sizeof out->name, s, 0);
        sql_copy_text(out->plan, sizeof out->plan, s, 1);
        sql_copy_text(out->hash, sizeof out->hash, s, 2);
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
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_ACCOUNT);
    sql_bind_text(s, 1, name);
    return one_account(s, out, NULL);
}

bool sql_charge(statements *st, const char *name, uint64_t before, uint64_t after, bool *fits)
{
    sqlite3_stmt *s = sql_ready(st, SQL_CHARGE);
    sql_bind_text(s, 1, name);
    sql_bind_number(s, 2, before);
    sql_bind_number(s, 3, after);
    bool fine = sql_execute(s);
    *fits = sqlite3_changes(sqlite3_db_handle(s)) == 1;
    return fine;
}

bool sql_add_token(statements *st, const char *digest, const char *name, uint64_t expires)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ADD_TOKEN);
    sql_bind_text(s, 1, digest);
    sql_bind_text(s, 2, name);
    sql_bind_number(s, 3, expires);
    return sql_execute(s);
}

sql_answer sql_find_token(statements *st, const char *digest, account *out, uint64_t *expires)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_TOKEN);
    sql_bind_text(s, 1, digest);
    return one_account(s, out, expires);
}

bool sql_drop_tokens(statements *st, const char *name, uint64_t now, uint64_t most)
{
    sqlite3_stmt *s = sql_ready(st, SQL_DROP_TOKENS);
    sql_bind_text(s, 1, name);
    sql_bind_number(s, 2, now);
    sql_bind_number(s, 3, most);
    return sql_execute(s);
}
