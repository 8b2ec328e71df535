#include <errno.h>

#include "base/check.h"
#include "base/timing.h"
#include "store_inside.h"

#define STEPS_BETWEEN_LOOKS 1000

/* --- opening and closing --- */

/* SQLite asks now and then whether to go on. */
static int is_over_time(void *owner)
{
    const connection *c = owner;
    return timing_now() > c->until;
}

static bool open_connection(connection *c, const char *path, bool writer, error *e)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (writer ? SQLITE_OPEN_CREATE : 0);
    /* unix-excl keeps the WAL's index on the heap: a mapped one turns a failing disk into SIGBUS.
     */
    if (sqlite3_open_v2(path, &c->db, flags, "unix-excl") != SQLITE_OK ||
        sqlite3_exec(c->db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000;",
                     NULL, NULL, NULL) != SQLITE_OK ||
        (writer && sqlite3_exec(c->db, sql_schema, NULL, NULL, NULL) != SQLITE_OK) ||
        !sql_prepare(c->db, &c->statements))
        return error_set(e, ERROR_IO, path, "cannot open the store: %s", sqlite3_errmsg(c->db));
    return true;
}

static void close_connection(connection *c)
{
    sql_finalize(&c->statements);
    CHECK(sqlite3_close(c->db) == SQLITE_OK);
    *c = (connection){.db = NULL};
}

/* The writer first: it makes the schema and recovers what a crash left. */
bool store_open_all(store *s, error *e)
{
    bool fine = open_connection(&s->writer, s->path, true, e);
    for (unsigned i = 0; fine && i < s->reader_count; i++) {
        connection *c = &s->readers[i];
        fine = open_connection(c, s->path, false, e);
        if (fine)
            sqlite3_progress_handler(c->db, STEPS_BETWEEN_LOOKS, is_over_time, c);
    }
    return fine;
}

void store_close_all(store *s)
{
    for (unsigned i = 0; i < s->reader_count; i++)
        close_connection(&s->readers[i]);
    close_connection(&s->writer);
}

/* --- readers --- */

static connection *find_free(store *s)
{
    for (unsigned i = 0; i < s->reader_count; i++)
        if (!s->readers[i].in_use)
            return &s->readers[i];
    return NULL;
}

/* All are in use, and none was given back for so long that waiting is no use: those who wait would
 * only add up behind one another. */
static bool readers_stand(const store *s)
{
    uint64_t latest = 0;
    for (unsigned i = 0; i < s->reader_count; i++)
        latest = s->readers[i].since > latest ? s->readers[i].since : latest;
    return s->figures.readers_in_use == s->reader_count && store_is_late(latest);
}

static connection *take_reader(store *s)
{
    struct timespec until = store_deadline_after(LOCK_WAIT_MOST);
    pthread_mutex_lock(&s->lock);
    int result = readers_stand(s) ? ETIMEDOUT : 0;
    connection *c = s->poisoned ? NULL : find_free(s);
    while (c == NULL && result == 0 && !s->broken) {
        result = pthread_cond_timedwait(&s->reader_free, &s->lock, &until);
        c = s->poisoned ? NULL : find_free(s);
    }
    if (c != NULL) {
        c->in_use = true;
        c->since = timing_now();
        c->until = c->since + s->query_most;
        s->figures.readers_in_use++;
    } else {
        s->figures.waits_timed_out++;
    }
    pthread_mutex_unlock(&s->lock);
    return c;
}

static void give_reader(store *s, connection *c, store_answer answer)
{
    pthread_mutex_lock(&s->lock);
    c->in_use = false;
    s->figures.readers_in_use--;
    s->figures.queries_timed_out += answer == STORE_BUSY;
    if (answer == STORE_FAILED) {
        s->poisoned = true;
        pthread_cond_signal(&s->job_waiting);
    }
    pthread_cond_broadcast(&s->reader_free);
    pthread_mutex_unlock(&s->lock);
}

bool question_begin(store *s, question *q)
{
    connection *c = take_reader(s);
    if (c != NULL)
        *q = (question){s, c, &c->statements};
    return c != NULL;
}

store_answer question_end(question *q, sql_answer found, const char *what)
{
    connection *c = q->connection;
    store_answer answer = found == SQL_FAILED ? job_failure(c->db, what)
                          : found == SQL_ROW  ? STORE_DONE
                                              : STORE_ABSENT;
    give_reader(q->store, c, answer);
    return answer;
}
