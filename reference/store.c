#include "store.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/timing.h"
#include "reserve.h"
#include "store_job.h"

#define READERS_MOST        64
#define BATCH_MOST          100
#define STEPS_BETWEEN_LOOKS 1000
#define HEAL_PAUSE          (50 * NANOSECONDS_PER_MILLISECOND)
/* Old changes go when there are so many more than must be kept: not one by one. */
#define TRIM_SHARE 8

struct connection {
    sqlite3 *db;
    statements statements;
    bool in_use;
    uint64_t since; /* it is in use */
    uint64_t until; /* the query must end */
};

struct store {
    connection readers[READERS_MOST];
    unsigned reader_count;
    connection writer;
    pthread_mutex_t lock;
    pthread_cond_t reader_free;
    pthread_cond_t job_waiting;
    pthread_cond_t job_done;
    job *first;
    job *last;
    uint64_t busy_since; /* the writer works on a batch, or heals; 0: it waits */
    uint64_t query_most;
    bool closing;
    /* Something failed in a way that a connection may not get over (a lost page of the shared index
     * says "malformed" for ever): no reader is let in until the writer has closed and opened all of
     * them again. */
    bool poisoned;
    /* And the last attempt at that failed: nobody waits for the next. */
    bool broken;
    pthread_t thread;
    char path[600];
    reserve *reserve;
    recent *recent;
    store_figures figures;
    char epoch[EPOCH_SIZE];
    uint64_t changes_kept;
    uint64_t newest; /* the writer's, once it runs; so are the next two */
    uint64_t trimmed;
    uint64_t first_newest;
    uint64_t clock;
    void (*told)(void *owner, uint64_t newest);
    void *told_owner;
};

/* --- errors --- */

store_answer job_failure(sqlite3 *db, const char *what)
{
    int code = sqlite3_errcode(db);
    log_event event;
    log_event_begin(&event, LOG_ERROR, "store_failed");
    writer_put_text(&event.fields, "step", what);
    writer_put_text(&event.fields, "error", sqlite3_errmsg(db));
    log_event_end(&event);
    if (code == SQLITE_FULL)
        return STORE_FULL;
    return code == SQLITE_BUSY || code == SQLITE_INTERRUPT ? STORE_BUSY : STORE_FAILED;
}

/* --- readers --- */

static struct timespec deadline_after(uint64_t nanoseconds)
{
    uint64_t at = timing_now() + nanoseconds;
    return (struct timespec){.tv_sec = (time_t)(at / NANOSECONDS_PER_SECOND),
                             .tv_nsec = (long)(at % NANOSECONDS_PER_SECOND)};
}

static connection *find_free(store *s)
{
    for (unsigned i = 0; i < s->reader_count; i++)
        if (!s->readers[i].in_use)
            return &s->readers[i];
    return NULL;
}

static bool is_late(uint64_t since)
{
    return since != 0 && timing_now() - since > LOCK_WAIT_MOST;
}

/* All are in use, and none was given back for so long that waiting is no use: those who wait would
 * only add up behind one another. */
static bool readers_stand(const store *s)
{
    uint64_t latest = 0;
    for (unsigned i = 0; i < s->reader_count; i++)
        latest = s->readers[i].since > latest ? s->readers[i].since : latest;
    return s->figures.readers_in_use == s->reader_count && is_late(latest);
}

static connection *take_reader(store *s)
{
    struct timespec until = deadline_after(LOCK_WAIT_MOST);
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

/* --- the writer thread --- */

static bool execute(store *s, int which)
{
    if (sql_run(&s->writer.statements, which))
        return true;
    job_failure(s->writer.db, sqlite3_sql(s->writer.statements.of[which]));
    return false;
}

/* False: nobody knows what of it is in the transaction. */
static bool run_alone(store *s, job *j)
{
    if (!execute(s, SQL_BEGIN_JOB))
        return false;
    j->answer = j->run(s->writer.db, &s->writer.statements, j);
    return (j->answer == STORE_DONE || execute(s, SQL_ROLLBACK_JOB)) && execute(s, SQL_END_JOB);
}

/* Inside the batch's transaction. */
static void trim_changes(store *s)
{
    if (s->newest <= s->trimmed + s->changes_kept + s->changes_kept / TRIM_SHARE)
        return;
    s->trimmed = s->newest - s->changes_kept;
    if (!sql_trim_changes(&s->writer.statements, s->trimmed))
        job_failure(s->writer.db, "trim changes");
}

static bool tell_newest(store *s)
{
    uint64_t newest = 0;
    if (!sql_newest_change(&s->writer.statements, &newest)) {
        job_failure(s->writer.db, "newest change");
        return false;
    }
    if (newest > s->newest && s->told != NULL)
        s->told(s->told_owner, newest);
    s->newest = newest;
    return true;
}

/* STORE_DONE: it is committed. Else nothing of it is there, or nobody knows. */
static store_answer run_batch(store *s, job *batch)
{
    job *j = batch;
    if (!execute(s, SQL_BEGIN))
        return STORE_FAILED;
    while (j != NULL && run_alone(s, j))
        j = j->next;
    if (j == NULL) {
        trim_changes(s);
        if (execute(s, SQL_COMMIT))
            return STORE_DONE;
    }
    /* SQLite may have rolled back by itself, because of this job. */
    bool full = j != NULL ? j->answer == STORE_FULL : sqlite3_errcode(s->writer.db) == SQLITE_FULL;
    if (sqlite3_get_autocommit(s->writer.db) == 0)
        execute(s, SQL_ROLLBACK);
    return full ? STORE_FULL : STORE_FAILED;
}

static job *take_batch(store *s)
{
    job *batch = s->first;
    job *last = batch;
    int count = 1;
    for (; last->next != NULL && count < BATCH_MOST; count++)
        last = last->next;
    s->first = last->next;
    if (s->first == NULL)
        s->last = NULL;
    last->next = NULL;
    for (job *j = batch; j != NULL; j = j->next)
        j->taken = true;
    return batch;
}

static void end_batch(store *s, job *batch, store_answer answer)
{
    s->figures.commits += answer == STORE_DONE;
    while (batch != NULL) {
        job *next = batch->next;
        s->figures.jobs++;
        /* Also one that was refused: it may have been for what another did that is now undone. */
        if (answer != STORE_DONE)
            batch->answer = answer;
        s->figures.failures += batch->answer >= STORE_FAILED;
        s->poisoned = s->poisoned || batch->answer == STORE_FAILED;
        batch->done = true;
        batch = next;
    }
    pthread_cond_broadcast(&s->job_done);
}

static bool open_all(store *s, error *e);
static void close_all(store *s);

/* Called with the lock; gives it up while it works. Jobs that come meanwhile wait their bounded
 * time. */
static void heal(store *s)
{
    s->busy_since = timing_now();
    while (s->figures.readers_in_use > 0)
        pthread_cond_wait(&s->reader_free, &s->lock);
    pthread_mutex_unlock(&s->lock);
    error e = {0};
    recent_write_begins(s->recent);
    close_all(s);
    bool opened = open_all(s, &e);
    /* A commit that failed may have come true. */
    bool healed = opened && tell_newest(s);
    recent_write_ends(s->recent);
    if (!opened)
        log_error(&e);
    if (!healed)
        timing_sleep(HEAL_PAUSE);
    pthread_mutex_lock(&s->lock);
    s->busy_since = 0;
    s->poisoned = s->broken = !healed;
    pthread_cond_broadcast(&s->reader_free);
    pthread_cond_broadcast(&s->job_done);
}

static void write_one_batch(store *s)
{
    job *batch = take_batch(s);
    s->busy_since = timing_now();
    pthread_mutex_unlock(&s->lock);
    recent_write_begins(s->recent);
    store_answer answer = run_batch(s, batch);
    recent_write_ends(s->recent);
    bool told = answer != STORE_DONE || tell_newest(s);
    pthread_mutex_lock(&s->lock);
    s->poisoned = s->poisoned || !told;
    s->busy_since = 0;
    end_batch(s, batch, answer);
}

static void *write_jobs(void *argument)
{
    store *s = argument;
    pthread_mutex_lock(&s->lock);
    while (!s->closing || (s->first != NULL && !s->poisoned)) {
        if (s->poisoned)
            heal(s);
        else if (s->first != NULL)
            write_one_batch(s);
        else
            pthread_cond_wait(&s->job_waiting, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void forget_job(store *s, job *gone)
{
    job *before = NULL;
    for (job *j = s->first; j != NULL && j != gone; j = j->next)
        before = j;
    if (before == NULL)
        s->first = gone->next;
    else
        before->next = gone->next;
    if (s->last == gone)
        s->last = before;
}

store_answer job_submit(store *s, job *j)
{
    struct timespec until = deadline_after(LOCK_WAIT_MOST);
    j->answer = STORE_FAILED;
    pthread_mutex_lock(&s->lock);
    /* Behind a writer that is late already nobody queues: the waits would add up. */
    int result = is_late(s->busy_since) ? ETIMEDOUT : 0;
    s->figures.jobs_waiting++;
    if (s->last == NULL)
        s->first = j;
    else
        s->last->next = j;
    s->last = j;
    pthread_cond_signal(&s->job_waiting);
    while (!j->done && !(result != 0 && !j->taken)) {
        if (j->taken)
            pthread_cond_wait(&s->job_done, &s->lock);
        else if (s->broken)
            result = ETIMEDOUT;
        else
            result = pthread_cond_timedwait(&s->job_done, &s->lock, &until);
    }
    if (!j->done) {
        forget_job(s, j);
        s->figures.waits_timed_out++;
        j->answer = STORE_BUSY;
    }
    s->figures.jobs_waiting--;
    pthread_mutex_unlock(&s->lock);
    return j->answer;
}

/* --- opening --- */

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
static bool open_all(store *s, error *e)
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

static void close_all(store *s)
{
    for (unsigned i = 0; i < s->reader_count; i++)
        close_connection(&s->readers[i]);
    close_connection(&s->writer);
}

static void init_conditions(store *s)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->reader_free, &monotonic);
    pthread_cond_init(&s->job_waiting, &monotonic);
    pthread_cond_init(&s->job_done, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static bool read_feed(store *s, error *e)
{
    bool fine = sql_newest_change(&s->writer.statements, &s->newest) &&
                sql_epoch(&s->writer.statements, s->epoch) &&
                sql_clock(&s->writer.statements, &s->clock);
    s->first_newest = s->newest;
    return fine || error_set(e, ERROR_IO, s->path, "cannot read the changes: %s",
                             sqlite3_errmsg(s->writer.db));
}

store *store_open(const char *data, unsigned readers, uint64_t changes_kept, uint64_t query_most,
                  error *e)
{
    CHECK(readers > 0 && readers <= READERS_MOST && changes_kept > 0);
    store *s = memory_zeroed(1, sizeof *s);
    snprintf(s->path, sizeof s->path, "%s/store.db", data);
    init_conditions(s);
    s->reserve = reserve_open(data);
    s->recent = recent_open();
    s->reader_count = readers;
    s->query_most = query_most;
    s->figures.readers = readers;
    s->changes_kept = changes_kept;
    if (!open_all(s, e) || !read_feed(s, e)) {
        store_close(s);
        return NULL;
    }
    CHECK(pthread_create(&s->thread, NULL, write_jobs, s) == 0);
    return s;
}

void store_close(store *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->job_waiting);
    pthread_mutex_unlock(&s->lock);
    if (s->thread != 0)
        CHECK(pthread_join(s->thread, NULL) == 0);
    close_all(s);
    reserve_close(s->reserve);
    recent_close(s->recent);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->reader_free);
    pthread_cond_destroy(&s->job_waiting);
    pthread_cond_destroy(&s->job_done);
    free(s);
}

/* --- the rest --- */

/* What makes room may use the last of it. */
store_answer job_submit_freeing(store *s, job *j)
{
    job again = *j;
    store_answer answer = job_submit(s, j);
    if (answer == STORE_FULL && reserve_give(s->reserve)) {
        *j = again;
        answer = job_submit(s, j);
    }
    return answer;
}

recent *store_recent(store *s)
{
    return s->recent;
}

void store_has_room(store *s)
{
    reserve_fill(s->reserve);
}

void store_tell(store *s, void (*told)(void *owner, uint64_t newest), void *owner)
{
    s->told = told;
    s->told_owner = owner;
}

uint64_t store_newest_change(const store *s)
{
    return s->first_newest;
}

uint64_t store_clock(const store *s)
{
    return s->clock;
}

const char *store_epoch(const store *s)
{
    return s->epoch;
}

store_figures store_look(store *s)
{
    pthread_mutex_lock(&s->lock);
    store_figures figures = s->figures;
    pthread_mutex_unlock(&s->lock);
    return figures;
}
