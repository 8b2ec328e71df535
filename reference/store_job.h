/* What the files of the store (store_files.c, store_moves.c ...) are made of: writing jobs, which
 * store_writer.c runs one after another inside the transactions of the one writer, and questions.
 *
 * A job belongs to the caller of job_submit, which waits until nobody touches it any more. What it
 * answers other than STORE_DONE is rolled back to where the job began. */
#ifndef REFERENCE_STORE_JOB_H
#define REFERENCE_STORE_JOB_H

#include "recent.h"
#include "store.h"
#include "store_sql.h"

typedef struct job job;
struct job {
    job *next;
    store_answer (*run)(sqlite3 *db, statements *st, job *j);
    const char *path;
    const char *blob;
    uint64_t number;
    uint64_t size;
    const condition *condition;
    version *out;
    void *owner; /* what else `run` needs */
    uint64_t count;
    bool taken;
    bool done;
    store_answer answer;
};

/* Waits a bounded time for the writer to take the job; once taken, to its end, for then it may take
 * effect. */
store_answer job_submit(store *s, job *j);
/* The same for what makes room on the disk: when that is full, the reserve is given up for it. */
store_answer job_submit_freeing(store *s, job *j);
recent *store_recent(store *s);
/* There may be room for the reserve again. */
void store_has_room(store *s);
/* Logs what SQLite says and names it. */
store_answer job_failure(sqlite3 *db, const char *what);
/* The present content of a path goes from `before` to `after` bytes: the account that it belongs to
 * uses more or less, if its quota allows. */
store_answer job_charge(sqlite3 *db, statements *st, const char *path, uint64_t before,
                        uint64_t after);
/* Makes j->blob of j->size the version `number` of j->path; fills j->out. */
store_answer job_add_version(sqlite3 *db, statements *st, job *j, uint64_t number);

/* Whatever gets an end keeps the time with it, lest a crash before the next store_expire, and a
 * wall clock that was set back, lengthen it. */
bool job_keep_time(statements *st, uint64_t now);

/* A question: a connection of the pool, for as long as it takes. False: STORE_BUSY. */
typedef struct connection connection;
typedef struct {
    store *store;
    connection *connection;
    statements *statements;
} question;
bool question_begin(store *s, question *q);
/* Gives the connection back. `what` is logged when it failed. */
store_answer question_end(question *q, sql_answer found, const char *what);

#endif
