/* What store_sql.c (the statements) and the files that fill them in share: store_sql_files.c,
 * store_sql_uploads.c and so on, one for each kind of what is stored. Nobody else includes it.
 *
 * A statement belongs to its `statements`, as those do to their connection. A text that is bound is
 * not copied: it must last until the statement is carried out. */
#ifndef REFERENCE_STORE_SQL_INSIDE_H
#define REFERENCE_STORE_SQL_INSIDE_H

#include "store_sql.h"

/* Statement `which`, reset and with nothing bound. */
sqlite3_stmt *sql_ready(statements *st, int which);
void sql_bind_text(sqlite3_stmt *s, int place, const char *text);
void sql_bind_number(sqlite3_stmt *s, int place, uint64_t number);
/* For one that answers no rows. */
bool sql_execute(sqlite3_stmt *s);
/* Of the present row; what is NULL becomes an empty text. */
void sql_copy_text(char *out, size_t size, sqlite3_stmt *s, int column);
/* For one that answers a row with one number. */
bool sql_one_number(sqlite3_stmt *s, uint64_t *number);
/* For one that answers at most one row: `out` gets the version that it tells of, and `last` the
 * highest number of the name. What is NULL is not asked for. */
sql_answer sql_one_row(sqlite3_stmt *s, version *out, uint64_t *last);

#endif
