#include "store_sql_inside.h"

bool sql_add_channel(statements *st, const char *channel)
{
    sqlite3_stmt *s = sql_ready(st, SQL_ADD_CHANNEL);
    sql_bind_text(s, 1, channel);
    return sql_execute(s);
}

sql_answer sql_find_channel(statements *st, const char *channel)
{
    sqlite3_stmt *s = sql_ready(st, SQL_FIND_CHANNEL);
    sql_bind_text(s, 1, channel);
    return sql_one_row(s, NULL, NULL);
}
