#include <errno.h>

#include "base/log.h"
#include "base/timing.h"
#include "store_inside.h"

#define BATCH_MOST 100
#define HEAL_PAUSE (50 * NANOSECONDS_PER_MILLISECOND)
/* Old changes go when there are so many more than must be kept: not one by one. */
#define TRIM_SHARE 8

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
    store_close_all(s);
    bool opened = store_open_all(s, &e);
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

void *store_write_jobs(void *argument)
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

/* --- those who wait for it --- */

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
    struct timespec until = store_deadline_after(LOCK_WAIT_MOST);
    j->answer = STORE_FAILED;
    pthread_mutex_lock(&s->lock);
    /* Behind a writer that is late already nobody queues: the waits would add up. */
    int result = store_is_late(s->busy_since) ? ETIMEDOUT : 0;
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
