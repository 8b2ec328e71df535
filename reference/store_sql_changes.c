#include "store_sql_inside.h"

bool sql_newest_change(statements *st, uint64_t *number)
{
    sqlite3_stmt *s = sql_ready(st, SQL_NEWEST_CHANGE);
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        *number = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return fine;
}

bool sql_changes(statements *st, uint64_t after, size_t most, change_visitor visit, void *owner)
{
    sqlite3_stmt *s = sql_ready(st, SQL_CHANGES);
    int result;
    sql_bind_number(s, 1, after);
    sql_bind_number(s, 2, most);
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
    sqlite3_stmt *s = sql_ready(st, SQL_TRIM_CHANGES);
    sql_bind_number(s, 1, until);
    return sql_execute(s);
}

bool sql_epoch(statements *st, char epoch[EPOCH_SIZE])
{
    sqlite3_stmt *s = sql_ready(st, SQL_EPOCH);
    bool fine = sqlite3_step(s) == SQLITE_ROW;
    if (fine)
        sql_copy_text(epoch, EPOCH_SIZE, s, 0);
    sqlite3_reset(s);
    return fine;
}
