#include "store_sql_inside.h"

bool sql_clock(statements *st, uint64_t *latest)
{
    return sql_one_number(sql_ready(st, SQL_CLOCK), latest);
}

bool sql_move_clock(statements *st, uint64_t now, uint64_t stale)
{
    sqlite3_stmt *s = sql_ready(st, SQL_MOVE_CLOCK);
    sql_bind_number(s, 1, now);
    sql_bind_number(s, 2, stale);
    return sql_execute(s);
}

bool sql_forget(statements *st, int which, uint64_t before)
{
    sqlite3_stmt *s = sql_ready(st, which);
    sql_bind_number(s, 1, before);
    return sql_execute(s);
}
